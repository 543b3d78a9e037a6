package contract

// Where the specification is published: today's text with its guides, and the text of 2016 that it grew from.
const (
	published = "https://github.com/mozilla-services/Dockerflow"
	required  = published + "#containerized-app-requirements"
	image     = published + "#dockerfile-requirements"
	pipelines = published + "#building-and-testing"
	advised   = published + "#optional-recommendations"
	building  = published + "/blob/main/docs/building-container.md"
	object    = published + "/blob/main/docs/version_object.md"
	static    = published + "/blob/main/docs/serving-static-content.md"
	mozlog    = "https://wiki.mozilla.org/Firefox/Services/Logging"
)

// What shows whether a rule is kept.
const (
	aDockerfile = "the Dockerfile"
	aURL        = "the running service"
	aProcess    = "the service's process"
)

// Rules is the contract: S is seen in a repository, L in a running service.
var Rules = []Rule{
	{ID: "S1", Level: Must, URL: image, Source: "specification of 2016, Dockerfile Guidelines; today, Dockerfile requirements 1",
		Needs: aDockerfile, repo: home,
		Says: "The application lives in /app.",
		Fix:  "WORKDIR /app in the last stage, and copy the application there."},
	{ID: "S2", Level: Must, URL: image, Source: "specification of 2016, Dockerfile Guidelines; today, Dockerfile requirements 2 and 3",
		Needs: aDockerfile, repo: onDockerfile(appUser),
		Says: "Group app has gid 10001; user app has uid 10001 and is a member of it.",
		Fix:  "RUN groupadd --gid 10001 app && useradd --uid 10001 --gid 10001 --no-create-home app"},
	{ID: "S3", Level: Must, URL: image, Source: "specification of today, Dockerfile requirements 5; the numbers: practice",
		Needs: aDockerfile, repo: onDockerfile(runsAs),
		Says: "The container runs as user app.",
		Fix:  "USER app in the last stage."},
	{ID: "S4", Level: Must, URL: image, Source: "specification of today, Dockerfile requirements 4; exec form: practice",
		Needs: aDockerfile, repo: onDockerfile(starts),
		Says: "ENTRYPOINT and CMD, both in exec form, start the service.",
		Fix:  `Such as ENTRYPOINT ["node"] and CMD ["server.js"]: exec form, and no shell or npm in between, so that signals arrive.`},
	{ID: "S5", Level: Must, URL: required, Source: "specification of today, Containerized App Requirements 3",
		Needs: aDockerfile, repo: onDockerfile(versionFile),
		Says: "/app/version.json is in the image, and .dockerignore does not shut it out.",
		Fix:  "COPY version.json /app/ and let .dockerignore pass it."},
	{ID: "S6", Level: Must, URL: building, Source: "specification of 2016, Dockerfile Guidelines; today, Guidelines for Building a Container (-slim is advised)",
		Needs: aDockerfile, repo: onDockerfile(baseImage),
		Says: "The image is built on the language's official image.",
		Fix:  "Build on node, python or golang from Docker Hub, in its -slim variant where there is one."},
	{ID: "S7", Level: Must, URL: building, Source: "specification of 2016, Dockerfile Guidelines; today, Guidelines for Building a Container",
		Needs: aDockerfile, repo: onDockerfile(cacheOrder),
		Says: "Manifest and lock file come first, then the install, then the source, then version.json and other per-build data.",
		Fix:  "Copy only the manifest and the lock file before the install, the source after it, and version.json last."},
	{ID: "S8", Level: Should, URL: building, Source: "specification of today, Guidelines for Building a Container",
		Needs: aDockerfile, repo: onDockerfile(readOnly),
		Says: "The app user only reads its files: nothing under /app is owned or writable by it.",
		Fix:  "Copy and install as root, without --chown, and switch to USER app last."},
	{ID: "S9", Level: Must, URL: required, Source: "specification of 2016, Configuration; today, Containerized App Requirements 1; .env files: practice",
		Needs: aDockerfile, repo: onDockerfile(secrets),
		Says: "Configuration comes from the environment only; no secret and no .env file can get into the image.",
		Fix:  "Shut out .env*, .git and credentials in .dockerignore, best by an allow-list; pass build secrets with RUN --mount=type=secret."},
	{ID: "S10", Level: Should, URL: advised, Source: "specification of today, Optional Recommendations 1 and 4",
		Needs: aDockerfile, repo: onDockerfile(port),
		Says: "One process a container; port 8000 by default.",
		Fix:  "ENV PORT=8000 and EXPOSE 8000, and start the service itself."},
	{ID: "S11", Level: Must, URL: pipelines, Source: "specification of 2016, Automating the Build; today, Building and Testing",
		Needs: "the CI configuration", repo: ci,
		Says: "CI builds the image on every change, tests in the container, pushes the same tested image, keeps the logs and exposes no secret.",
		Fix:  "Build once, docker run the tests, push that image; log in with --password-stdin and only where there are credentials."},
	{ID: "S12", Level: Should, URL: static, Source: "specification of today, Containerized App Requirements 8",
		Needs: "its static content and who asks for it",
		Says:  "The service serves its own static content.",
		Fix:   "Serve it from the service, not from a server beside it."},
	{ID: "S13", Level: Should, URL: building, Source: "specification of 2016, Dockerfile Guidelines; today, Guidelines for Building a Container",
		Needs: aDockerfile, repo: onDockerfile(size),
		Says: "The image is small: no compilers, caches or development dependencies in it.",
		Fix:  "Build in one stage and copy into a slim last one; leave out development dependencies; use cache mounts."},

	{ID: "L1", Level: Must, URL: required, Source: "specification of 2016, A containerized app must 1; today, Containerized App Requirements 2",
		Needs: "the service on two values of $PORT", live: listens,
		Says: "It listens for HTTP on $PORT, on all interfaces.",
		Fix:  "Read PORT from the environment and bind to 0.0.0.0 or ::."},
	{ID: "L2", Level: Must, URL: object, Source: "specification of 2016, A containerized app must 2; today, Containerized App Requirements 4",
		Needs: aURL, live: version,
		Says: "GET /__version__ answers 200, application/json, with the content of /app/version.json.",
		Fix:  "Answer with the bytes of version.json, which has the strings source, version, commit and build."},
	{ID: "L3", Level: Should, Source: "practice: the specification is silent",
		Needs: "the service without its version.json", live: noVersion,
		Says: "Without a version.json, GET /__version__ answers 404 with a JSON body.",
		Fix:  "Answer 404 when the file is missing."},
	{ID: "L4", Level: Must, URL: required, Source: "specification of 2016, A containerized app must 4; today, Containerized App Requirements 6",
		Needs: aURL, live: lbheartbeat,
		Says: "GET /__lbheartbeat__ answers 200 and checks no dependency.",
		Fix:  "Answer 200 at once."},
	{ID: "L5", Level: Must, URL: required, Source: "specification of 2016, A containerized app must 3; today, Containerized App Requirements 5; the body: practice",
		Needs: aURL, live: heartbeat,
		Says: "GET /__heartbeat__ answers 200, or 5xx when a check fails, with the customary body, within a short time.",
		Fix:  `Such as {"status":"ok","checks":{"db":"ok"},"details":{}}, with a time limit for each check.`},
	{ID: "L6", Level: Should, Source: "practice",
		Needs: aURL, live: head,
		Says: "HEAD works on the three endpoints.",
		Fix:  "Route HEAD as GET."},
	{ID: "L7", Level: Should, Source: "practice",
		Needs: aURL, live: plain,
		Says: "The three need no authentication and no particular Host, and are never redirected.",
		Fix:  "Answer the three before any middleware."},
	{ID: "L8", Level: Must, URL: mozlog, Source: "specification of 2016, Sending metrics and logs; today, Containerized App Requirements 7 and Optional Recommendations 2",
		Needs: "the service's log",
		Says:  "Logs go to stdout or stderr, one mozlog 2.0 JSON object a line, start, stop and uncaught errors included.",
		Fix:   "Send everything through one mozlog formatter, the framework's own lines too."},
	{ID: "L9", Level: Must, Source: "specification of 2016, Sending metrics and logs",
		Needs: aProcess + " and a statsd socket",
		Says:  "Metrics go by statsd to $STATSD_HOST:$STATSD_PORT; it works when they are unset or nobody listens.",
		Fix:   "Send by UDP, never wait for it, and do nothing when STATSD_HOST is unset."},
	{ID: "L10", Level: Should, Source: "practice",
		Needs: aProcess + " and a SIGTERM",
		Says:  "On SIGTERM it stops accepting, finishes the requests in flight and exits 0.",
		Fix:   "Handle SIGTERM by the server's graceful stop."},
	{ID: "L11", Level: Must, URL: image, Source: "specification of 2016, Dockerfile Guidelines; today, Dockerfile requirements 3 and 5; no capabilities: practice",
		Needs: "a container",
		Says:  "Every process runs as 10001:10001, without capabilities and with no-new-privileges.",
		Fix:   "USER app, and nothing that needs root."},
	{ID: "L12", Level: Should, Source: "practice",
		Needs: aProcess + " with a bad configuration",
		Says:  "Bad configuration: one clear log line and a non-zero exit at start.",
		Fix:   "Check the whole configuration before listening."},
}
