package main

import (
	"bytes"
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline"
	codepipelinetypes "github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Version 2 of the AWS SDK for Go.
type sdkV2 struct {
	config aws.Config
}

func openSDK() sdk {
	loaded, err := config.LoadDefaultConfig(context.Background())
	check(err)
	return sdkV2{loaded}
}

func (one sdkV2) tell(said result) error {
	client := codepipeline.NewFromConfig(one.config, func(options *codepipeline.Options) {
		if endpoint, is := os.LookupEnv("MATRIX_CODEPIPELINE"); is {
			options.EndpointResolver = codepipeline.EndpointResolverFromURL(endpoint)
		}
	})
	if said.failure != "" {
		details := codepipelinetypes.FailureDetails{Type: "RevisionOutOfSync", Message: &said.failure}
		_, err := client.PutJobFailureResult(context.Background(),
			&codepipeline.PutJobFailureResultInput{JobId: &said.jobID, FailureDetails: &details})
		return err
	}
	input := codepipeline.PutJobSuccessResultInput{JobId: &said.jobID}
	if said.continuationToken != "" {
		input.ContinuationToken = &said.continuationToken
	}
	if said.size != "" {
		input.OutputVariables = map[string]string{"Size": said.size}
	}
	_, err := client.PutJobSuccessResult(context.Background(), &input)
	return err
}

func (one sdkV2) storage(given keys) *s3.Client {
	return s3.NewFromConfig(one.config, func(options *s3.Options) {
		options.Credentials = credentials.NewStaticCredentialsProvider(
			given.AccessKeyID, given.SecretAccessKey, given.SessionToken)
		if endpoint, is := os.LookupEnv("MATRIX_S3"); is {
			options.EndpointResolver = s3.EndpointResolverFromURL(endpoint)
			options.UsePathStyle = true
		}
	})
}

func (one sdkV2) get(given keys, from artifact) ([]byte, error) {
	place := from.Location.S3Location
	got, err := one.storage(given).GetObject(context.Background(),
		&s3.GetObjectInput{Bucket: &place.BucketName, Key: &place.ObjectKey})
	if err != nil {
		return nil, err
	}
	return all(got.Body)
}

func (one sdkV2) put(given keys, to artifact, content []byte) error {
	place := to.Location.S3Location
	_, err := one.storage(given).PutObject(context.Background(), &s3.PutObjectInput{
		Bucket: &place.BucketName, Key: &place.ObjectKey,
		Body: bytes.NewReader(content), ServerSideEncryption: s3types.ServerSideEncryptionAwsKms,
	})
	return err
}
