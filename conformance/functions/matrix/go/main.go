// A runtime in Go: one loop around the Runtime API. What an SDK does stands in a file of its own.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
)

type event struct {
	Job struct {
		ID   string `json:"id"`
		Data struct {
			ActionConfiguration struct {
				Configuration struct{ UserParameters string }
			} `json:"actionConfiguration"`
			InputArtifacts, OutputArtifacts []artifact
			ArtifactCredentials             keys
			ContinuationToken               string
		} `json:"data"`
	} `json:"CodePipeline.job"`
}

type artifact struct {
	Location struct {
		S3Location struct{ BucketName, ObjectKey string }
	}
}

type keys struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// One job's result. Empty texts are left out.
type result struct {
	jobID, continuationToken, size, failure string
}

// What an SDK does.
type sdk interface {
	tell(result) error
	get(keys, artifact) ([]byte, error)
	put(keys, artifact, []byte) error
}

func main() {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(api + "next")
		check(err)
		var given event
		check(json.NewDecoder(next.Body).Decode(&given))
		check(next.Body.Close())
		if os.Getenv("_HANDLER") == "report" {
			check(openSDK().tell(result{jobID: given.Job.ID}))
		} else {
			check(work(openSDK(), given))
		}
		id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
		answered, err := http.Post(api+id+"/response", "application/json", bytes.NewReader([]byte("null")))
		check(err)
		check(answered.Body.Close())
	}
}

func work(aws sdk, given event) error {
	data := given.Job.Data
	said := map[string]string{}
	for _, pair := range regexp.MustCompile(`(\w+)=(\d+)`).FindAllStringSubmatch(data.ActionConfiguration.Configuration.UserParameters, -1) {
		said[pair[1]] = pair[2]
	}
	var made []byte
	size := ""
	for _, input := range data.InputArtifacts {
		content, err := aws.get(data.ArtifactCredentials, input)
		if err != nil {
			return err
		}
		made = append(made, content...)
		size = strconv.Itoa(len(content))
	}
	if expected, is := said["size"]; is && expected != size {
		failure := fmt.Sprintf("size is %s but the variable says %s", size, expected)
		return aws.tell(result{jobID: given.Job.ID, failure: failure})
	}
	count, _ := strconv.Atoi(data.ContinuationToken)
	if jobs, _ := strconv.Atoi(said["jobs"]); count+1 < jobs {
		return aws.tell(result{jobID: given.Job.ID, continuationToken: strconv.Itoa(count + 1)})
	}
	if err := aws.put(data.ArtifactCredentials, data.OutputArtifacts[0], made); err != nil {
		return err
	}
	return aws.tell(result{jobID: given.Job.ID, size: strconv.Itoa(len(made))})
}

// The content of an answer's body.
func all(body io.ReadCloser) ([]byte, error) {
	defer body.Close()
	return io.ReadAll(body)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
