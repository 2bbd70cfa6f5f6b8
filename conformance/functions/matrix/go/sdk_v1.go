package main

import (
	"bytes"
	"os"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/codepipeline"
	"github.com/aws/aws-sdk-go/service/s3"
)

// Version 1 of the AWS SDK for Go, which does not know AWS_ENDPOINT_URL.
type sdkV1 struct {
	codePipeline *codepipeline.CodePipeline
}

func openSDK() sdk {
	own := session.Must(session.NewSession())
	return sdkV1{codepipeline.New(own, at("MATRIX_CODEPIPELINE"))}
}

func at(name string) *aws.Config {
	config := aws.NewConfig()
	if endpoint, is := os.LookupEnv(name); is {
		config = config.WithEndpoint(endpoint).WithS3ForcePathStyle(true)
	}
	return config
}

func (one sdkV1) tell(said result) error {
	if said.failure != "" {
		details := codepipeline.FailureDetails{Type: aws.String("RevisionOutOfSync"), Message: &said.failure}
		_, err := one.codePipeline.PutJobFailureResult(
			&codepipeline.PutJobFailureResultInput{JobId: &said.jobID, FailureDetails: &details})
		return err
	}
	input := codepipeline.PutJobSuccessResultInput{JobId: &said.jobID}
	if said.continuationToken != "" {
		input.ContinuationToken = &said.continuationToken
	}
	if said.size != "" {
		input.OutputVariables = map[string]*string{"Size": &said.size}
	}
	_, err := one.codePipeline.PutJobSuccessResult(&input)
	return err
}

func storage(given keys) *s3.S3 {
	fixed := credentials.NewStaticCredentials(given.AccessKeyID, given.SecretAccessKey, given.SessionToken)
	return s3.New(session.Must(session.NewSession()), at("MATRIX_S3").WithCredentials(fixed))
}

func (sdkV1) get(given keys, from artifact) ([]byte, error) {
	place := from.Location.S3Location
	got, err := storage(given).GetObject(&s3.GetObjectInput{Bucket: &place.BucketName, Key: &place.ObjectKey})
	if err != nil {
		return nil, err
	}
	return all(got.Body)
}

func (sdkV1) put(given keys, to artifact, content []byte) error {
	place := to.Location.S3Location
	_, err := storage(given).PutObject(&s3.PutObjectInput{
		Bucket: &place.BucketName, Key: &place.ObjectKey,
		Body: bytes.NewReader(content), ServerSideEncryption: aws.String("aws:kms"),
	})
	return err
}
