# Starts the runtime. The rest is a module of its own, so that Python keeps its compiled form: a script's is made anew at every start.
import penstock_runtime

penstock_runtime.main()
