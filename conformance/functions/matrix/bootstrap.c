/* A compiled runtime: the Runtime API over a socket of its own, and children that sign the calls of AWS. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char event[262144];

/* One request on a connection of its own, because its end is then the answer's. */
static void ask(const char *method, const char *path, const char *body) {
  char address[64], request[1024];
  snprintf(address, sizeof address, "%s", getenv("AWS_LAMBDA_RUNTIME_API"));
  char *colon = strrchr(address, ':');
  *colon = 0;
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(atoi(colon + 1))};
  inet_pton(AF_INET, address, &place.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&place, sizeof place) != 0) exit(1);
  int length = snprintf(request, sizeof request,
                        "%s /2018-06-01/runtime/invocation/%s HTTP/1.1\r\nHost: runtime\r\nConnection: close\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        method, path, strlen(body), body);
  if (write(fd, request, length) != length) exit(1);
  size_t filled = 0;
  ssize_t count;
  while ((count = read(fd, event + filled, sizeof event - 1 - filled)) > 0) filled += count;
  event[filled] = 0;
  close(fd);
}

/* Copies what stands between an occurrence of a mark, counted from 1, and the next of some ends; or nothing. */
static char *after(const char *mark, int occurrence, const char *ends, char *out, size_t size) {
  char *start = event;
  for (; occurrence > 0 && start; occurrence--) {
    start = strcasestr(start, mark);
    if (start) start += strlen(mark);
  }
  snprintf(out, size, "%.*s", start ? (int)strcspn(start, ends) : 0, start ? start : "");
  return out;
}

/* The value of a name's occurrence, as a new text. */
static char *value(const char *name, int occurrence) {
  char mark[64], found[8192];
  snprintf(mark, sizeof mark, "\"%s\":\"", name);
  return strdup(after(mark, occurrence, "\"", found, sizeof found));
}

/* A number of the user parameters, or -1. */
static long said(const char *name) {
  char mark[64], found[32];
  snprintf(mark, sizeof mark, "%s=", name);
  char *number = after(mark, 1, " \"", found, sizeof found);
  return *number ? atol(number) : -1;
}

/* What curl is told beyond the signature; those that are not given are NULL. */
typedef const char *const Arguments[6];

/* Has curl sign a call and send it. */
static void call(const char *service, const char *const keys[3], const char *url, Arguments more) {
  char user[512], token[8192], scope[128];
  snprintf(user, sizeof user, "%s:%s", keys[0], keys[1]);
  snprintf(token, sizeof token, "x-amz-security-token: %s", keys[2]);
  snprintf(scope, sizeof scope, "aws:amz:%s:%s", getenv("AWS_REGION"), service);
  if (fork() == 0) {
    execlp("curl", "curl", "-sS", "--fail-with-body", "--aws-sigv4", scope, "--user", user, "-H", token, url, more[0],
           more[1], more[2], more[3], more[4], more[5], (char *)NULL);
    _exit(127);
  }
  int status;
  wait(&status);
  if (status != 0) exit(3);
}

static const char *or_else(const char *name) {
  const char *named = getenv(name);
  return named ? named : getenv("AWS_ENDPOINT_URL");
}

static void tell(const char *operation, const char *members) {
  char url[256], target[128], body[512];
  const char *const keys[] = {getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")};
  snprintf(url, sizeof url, "%s/", or_else("MATRIX_CODEPIPELINE"));
  snprintf(target, sizeof target, "X-Amz-Target: CodePipeline_20150709.%s", operation);
  snprintf(body, sizeof body, "{\"jobId\":\"%s\"%s}", value("id", 1), members);
  call("codepipeline", keys, url,
       (Arguments){"-HContent-Type: application/x-amz-json-1.1", "-H", target, "--data", body});
}

static void storage(int artifact, Arguments more) {
  char url[1024];
  const char *const keys[] = {value("accessKeyId", 1), value("secretAccessKey", 1), value("sessionToken", 1)};
  snprintf(url, sizeof url, "%s/%s/%s", or_else("MATRIX_S3"), value("bucketName", artifact), value("objectKey", artifact));
  call("s3", keys, url, more);
}

static long size_of(const char *file) {
  struct stat found;
  return stat(file, &found) == 0 ? (long)found.st_size : 0;
}

static void work(void) {
  char members[256];
  int artifacts = 0;
  for (char *at = event; (at = strstr(at, "\"objectKey\"")); at++) artifacts++; /* the inputs, and one output */
  if (chdir(getenv("HOME")) != 0) exit(4);
  unlink("made");
  for (int artifact = 1; artifact < artifacts; artifact++) {
    storage(artifact, (Arguments){"-HX-Amz-Content-Sha256: UNSIGNED-PAYLOAD", "-o", "last"});
    if (system("cat last >>made") != 0) exit(4);
  }
  long size = size_of("last"), count = atol(value("continuationToken", 1)) + 1;
  if (said("size") >= 0 && said("size") != size) {
    snprintf(members, sizeof members,
             ",\"failureDetails\":{\"type\":\"RevisionOutOfSync\",\"message\":\"size is %ld but the variable says %ld\"}",
             size, said("size"));
    return tell("PutJobFailureResult", members);
  }
  if (count < said("jobs")) {
    snprintf(members, sizeof members, ",\"continuationToken\":\"%ld\"", count);
    return tell("PutJobSuccessResult", members);
  }
  storage(artifacts, (Arguments){"-HX-Amz-Content-Sha256: UNSIGNED-PAYLOAD", "-HContent-Type: application/zip",
                                           "-HX-Amz-Server-Side-Encryption: aws:kms", "-Tmade"});
  snprintf(members, sizeof members, ",\"outputVariables\":{\"Size\":\"%ld\"}", size_of("made"));
  tell("PutJobSuccessResult", members);
}

int main(void) {
  for (;;) {
    char request[64], path[128];
    ask("GET", "next", "");
    after("lambda-runtime-aws-request-id: ", 1, "\r\n", request, sizeof request);
    if (strcmp(getenv("_HANDLER"), "work") == 0) work();
    else tell("PutJobSuccessResult", "");
    snprintf(path, sizeof path, "%s/response", request);
    ask("POST", path, "null");
  }
}
