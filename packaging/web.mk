# Files for browsers that are made: the stylesheet, joined from static/css, and
# what npm brings (packaging/web): the icons, and the editor of formatted
# messages. Without npm's, as long as `make install-deps` was not called, pages
# have no icons, there is no editor, and messages are written as plain text.
WEB_NPM := packaging/web/node_modules
WEB_ICONS := $(WEB_NPM)/lucide-static/icons
WEB_FILES := static/app.css static/icons.svg
# Later ones may change what earlier ones say.
CSS := $(addprefix static/css/,$(addsuffix .css,tokens base parts list search message contacts compose panes narrow system))

static/app.css: $(CSS) packaging/web.mk
	$(SAY) JOIN $@
	$(Q)cat $(CSS) >$@

ifneq ($(wildcard $(WEB_ICONS)/mail.svg),)
static/icons.svg: packaging/web/icons.list packaging/web/sprite $(wildcard $(WEB_NPM)/.installed)
	$(SAY) NPM $@
	$(Q)packaging/web/sprite packaging/web/icons.list $(WEB_ICONS) >$@
else
static/icons.svg:
	@echo 'Pages have no icons: make install-deps brings them.' >&2
	$(Q)echo '<svg xmlns="http://www.w3.org/2000/svg"></svg>' >$@
endif

ifneq ($(wildcard $(WEB_NPM)/.installed),)
WEB_FILES += static/squire.js static/purify.js
static/squire.js: $(WEB_NPM)/.installed
	$(SAY) NPM $@
	$(Q)(echo '/* Squire, https://github.com/neilj/Squire, MIT licence */'; \
	  grep -v '^//# sourceMappingURL' $(WEB_NPM)/squire-rte/dist/squire.js) >$@
static/purify.js: $(WEB_NPM)/.installed
	$(SAY) NPM $@
	$(Q)grep -v '^//# sourceMappingURL' $(WEB_NPM)/dompurify/dist/purify.min.js >$@
endif

all: $(WEB_FILES)
# Whoever starts the server has its files.
$(OUT)/iwebmsgd: | $(WEB_FILES)
