# `make install` and what is generated from the table of keys; included by the
# top Makefile. PREFIX=/usr/local, DESTDIR for packages.

SBIN_DIR := $(PREFIX)/sbin
BIN_DIR := $(PREFIX)/bin
SHARE_DIR := $(PREFIX)/share/iwebmsg
MAN_DIR := $(PREFIX)/share/man
DOC_DIR := $(PREFIX)/share/doc/iwebmsg
SYSCONF_DIR ?= /etc
UNIT_DIR ?= /lib/systemd/system
LIB_DIR := $(PREFIX)/lib

# The program knows where its templates are: another PREFIX is another object.
SHARE_STAMP := $(OUT)/share-dir
ifneq ($(shell cat $(SHARE_STAMP) 2>/dev/null),$(SHARE_DIR))
$(shell mkdir -p $(OUT) && echo $(SHARE_DIR) >$(SHARE_STAMP))
endif
$(OUT)/server/main_share.o: $(SHARE_STAMP)
$(OUT)/server/main_share.o: CPPFLAGS += -DIWEBMSG_SHARE_DIR='"$(SHARE_DIR)"'

# Sample and manual come from the table; a unit test notices a stale sample.
sample: $(OUT)/iwebmsgd
	$(SAY) GEN iwebmsg.ini.sample
	$(Q)$(OUT)/iwebmsgd --print-sample >$(OUT)/sample && cp $(OUT)/sample iwebmsg.ini.sample

$(OUT)/iwebmsg.ini.5: docs/iwebmsg.ini.5.in $(OUT)/iwebmsgd
	$(SAY) GEN $@
	$(Q)$(OUT)/iwebmsgd --print-manual >$(OUT)/keys.roff
	$(Q)sed -e 's/@VERSION@/$(VERSION)/' -e '/^@KEYS@$$/{r $(OUT)/keys.roff' -e 'd;}' $< >$@
$(OUT)/%.8: docs/%.8.in
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's/@VERSION@/$(VERSION)/' $< >$@

man: $(OUT)/iwebmsgd.8 $(OUT)/iwebmsg.ini.5

install: all man
	$(SAY) INSTALL '$(DESTDIR)$(PREFIX)'
	$(Q)install -d '$(DESTDIR)$(SBIN_DIR)' '$(DESTDIR)$(BIN_DIR)' \
	  '$(DESTDIR)$(SHARE_DIR)/templates' '$(DESTDIR)$(SHARE_DIR)/static' \
	  '$(DESTDIR)$(SHARE_DIR)/locale' '$(DESTDIR)$(MAN_DIR)/man1' '$(DESTDIR)$(MAN_DIR)/man5' '$(DESTDIR)$(MAN_DIR)/man8' '$(DESTDIR)$(DOC_DIR)' \
	  '$(DESTDIR)$(UNIT_DIR)' '$(DESTDIR)$(LIB_DIR)/sysusers.d' '$(DESTDIR)$(LIB_DIR)/tmpfiles.d' \
	  '$(DESTDIR)$(SYSCONF_DIR)/iwebmsg'
	$(Q)install -m 0755 $(OUT)/iwebmsgd '$(DESTDIR)$(SBIN_DIR)/iwebmsgd'
	$(Q)install -m 0755 $(OUT)/iwebmsg-ssl '$(DESTDIR)$(BIN_DIR)/iwebmsg-ssl'
	$(Q)cp -R --no-preserve=ownership,mode templates/. '$(DESTDIR)$(SHARE_DIR)/templates/'
	$(Q)install -m 0644 static/*.* '$(DESTDIR)$(SHARE_DIR)/static/'
	$(Q)install -m 0644 $(MO_FILES) '$(DESTDIR)$(SHARE_DIR)/locale/'
	$(Q)install -m 0644 docs/iwebmsg-ssl.1 '$(DESTDIR)$(MAN_DIR)/man1/'
	$(Q)install -m 0644 $(OUT)/iwebmsgd.8 '$(DESTDIR)$(MAN_DIR)/man8/'
	$(Q)install -m 0644 $(OUT)/iwebmsg.ini.5 '$(DESTDIR)$(MAN_DIR)/man5/'
	$(Q)install -m 0644 iwebmsg.ini.sample docs/*.md '$(DESTDIR)$(DOC_DIR)/'
	$(Q)install -m 0640 iwebmsg.ini.sample '$(DESTDIR)$(SYSCONF_DIR)/iwebmsg/iwebmsg.ini.sample'
	$(Q)sed -e 's|@SBIN_DIR@|$(SBIN_DIR)|' packaging/systemd/iwebmsg.service \
	  >'$(DESTDIR)$(UNIT_DIR)/iwebmsg.service'
	$(Q)chmod 0644 '$(DESTDIR)$(UNIT_DIR)/iwebmsg.service'
	$(Q)install -m 0644 packaging/systemd/iwebmsg.sysusers '$(DESTDIR)$(LIB_DIR)/sysusers.d/iwebmsg.conf'
	$(Q)install -m 0644 packaging/systemd/iwebmsg.tmpfiles '$(DESTDIR)$(LIB_DIR)/tmpfiles.d/iwebmsg.conf'

uninstall:
	$(Q)rm -f '$(DESTDIR)$(SBIN_DIR)/iwebmsgd' '$(DESTDIR)$(BIN_DIR)/iwebmsg-ssl' \
	  '$(DESTDIR)$(MAN_DIR)/man1/iwebmsg-ssl.1' '$(DESTDIR)$(MAN_DIR)/man8/iwebmsgd.8' '$(DESTDIR)$(MAN_DIR)/man5/iwebmsg.ini.5' \
	  '$(DESTDIR)$(UNIT_DIR)/iwebmsg.service' '$(DESTDIR)$(LIB_DIR)/sysusers.d/iwebmsg.conf' \
	  '$(DESTDIR)$(LIB_DIR)/tmpfiles.d/iwebmsg.conf' \
	  '$(DESTDIR)$(SYSCONF_DIR)/iwebmsg/iwebmsg.ini.sample'
	$(Q)rm -rf '$(DESTDIR)$(SHARE_DIR)' '$(DESTDIR)$(DOC_DIR)'

.PHONY: sample man install uninstall
