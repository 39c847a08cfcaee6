# Frequent tasks. `make ci` runs all checks that must pass before a change lands; `make site` makes the pages of the documentation;
# `make release` builds the published files.
.PHONY: test ci site release module-path

RELEASE = release
PLATFORMS = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
SBOM = go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0

test:
	go test ./...

ci:
	.ci/run

# The documentation and the lecture as pages that need no server, in the folder site.
site:
	rm -rf site && cd docs/site && go run . -out ../../site

# A static program for each platform, the manual page and the completions, with the checksums of all files and a bill of materials. The same commit and the same Go make the same bytes.
release:
	rm -rf $(RELEASE) && mkdir $(RELEASE)
	set -e; for platform in $(PLATFORMS); do \
		os=$${platform%/*} arch=$${platform#*/}; \
		[ $$os = windows ] && suffix=.exe || suffix=; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags '-s -w' -o $(RELEASE)/steepest-$$os-$$arch$$suffix ./cmd/steepest; \
	done
	go run ./cmd/steepest man >$(RELEASE)/steepest.1
	for shell in bash zsh fish; do go run ./cmd/steepest completion $$shell >$(RELEASE)/steepest.$$shell || exit; done
	$(SBOM) app -json -licenses -noserial -main cmd/steepest -output $(RELEASE)/steepest.cdx.json .
	sed -i.bak '/^    "timestamp": /d' $(RELEASE)/steepest.cdx.json && rm $(RELEASE)/steepest.cdx.json.bak
	cd $(RELEASE) && sha256sum steepest* > SHA256SUMS && ls -l

# Renames the module, as in make module-path MODULE=github.com/owner/steepest, in go.mod files, imports and documents.
module-path:
	go run ./internal/modulepath $(MODULE)
