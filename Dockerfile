# The manager: one static binary on a distroless image, as a user without
# rights. Build with make docker-build.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=unknown
WORKDIR /src

# Modules first: they change rarely, and this layer stays cached meanwhile.
COPY go.mod go.sum ./
RUN go mod download

COPY main.go ./
COPY api/ api/
COPY controllers/ controllers/
COPY config/crd/ config/crd/
RUN CGO_ENABLED=0 GOOS=${TARGETOS:-linux} GOARCH=${TARGETARCH} \
    go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/checkpoint-health .

FROM gcr.io/distroless/static:nonroot
COPY --from=build /out/checkpoint-health /checkpoint-health
USER 65532:65532
ENTRYPOINT ["/checkpoint-health"]
CMD ["manager"]
