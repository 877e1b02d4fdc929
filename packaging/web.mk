# Files for browsers that npm brings (packaging/web): the editor of formatted
# messages. Without them, as long as `make install-deps` was not called, there
# is no editor, and messages are written as plain text.
WEB_NPM := packaging/web/node_modules
WEB_FILES := static/squire.js static/purify.js

ifneq ($(wildcard $(WEB_NPM)/.installed),)
all: $(WEB_FILES)
static/squire.js: $(WEB_NPM)/.installed
	$(SAY) NPM $@
	$(Q)(echo '/* Squire, https://github.com/neilj/Squire, MIT licence */'; \
	  grep -v '^//# sourceMappingURL' $(WEB_NPM)/squire-rte/dist/squire.js) >$@
static/purify.js: $(WEB_NPM)/.installed
	$(SAY) NPM $@
	$(Q)grep -v '^//# sourceMappingURL' $(WEB_NPM)/dompurify/dist/purify.min.js >$@
endif
