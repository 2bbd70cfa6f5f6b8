import json
import os
import subprocess
import sys
import unittest

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "src"))

import count_words  # noqa: E402


class CountWords(unittest.TestCase):
    def test_the_words_of_every_text_are_counted(self):
        self.assertEqual(count_words.count_words({"a.txt": "one two", "b.txt": "three\n"}), {"a.txt": 2, "b.txt": 1})

    def test_an_artifact_without_a_text_is_refused(self):
        with self.assertRaises(ValueError):
            count_words.count_words({})

    def test_the_pipeline_succeeds_with_the_texts_of_this_folder(self):
        run = subprocess.run(["npx", "penstock", "run", ".", "--json"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertEqual(json.loads(run.stdout)["status"], "Succeeded")


if __name__ == "__main__":
    unittest.main()
