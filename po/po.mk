# Languages: catalogues po/CODE.po become locale/CODE.mo, which the server
# reads. docs/TRANSLATING.md tells how translators work with them.
PO_LANGUAGES := $(shell cat po/LINGUAS)
PO_FILES := $(PO_LANGUAGES:%=po/%.po)
MO_FILES := $(PO_LANGUAGES:%=locale/%.mo)
PO_C := $(shell cat po/POTFILES)

all: $(MO_FILES)

locale/%.mo: po/%.po
	$(SAY) MO $@
	$(Q)mkdir -p $(@D) && msgfmt --check -o $@.new $< && mv $@.new $@

# All words that are marked, in English: the template of every catalogue.
pot:
	$(SAY) POT po/iwebmsg.pot
	$(Q)mkdir -p $(OUT) && /usr/bin/python3 po/marks.py pot >$(OUT)/templates.pot
	$(Q)xgettext --from-code=UTF-8 --language=C --add-comments=Translators: --add-location=file \
	  --keyword= --keyword=N_ --keyword=NN_:1,2 --keyword=tr --keyword=trn:1,2 --keyword=tr_in:1c,2 --keyword=tr_text \
	  --keyword=err_set:3 --keyword=err_setf:3 --keyword=err_sayf:3 \
	  --flag=tr:1:pass-c-format --flag=err_sayf:3:c-format \
	  --no-wrap --package-name=iwebmsg -o $(OUT)/c.pot $(PO_C)
	$(Q)xgettext --from-code=UTF-8 --language=PO --add-location=file --no-wrap --package-name=iwebmsg \
	  --copyright-holder='the iwebmsg authors' -o $(OUT)/all.pot po/language.pot $(OUT)/templates.pot $(OUT)/c.pot
	$(Q)grep -v '^"POT-Creation-Date' $(OUT)/all.pot >po/iwebmsg.pot

# Takes new words into the catalogues, still without translation, and puts in
# the spaces that do not break.
po: pot
	$(Q)for language in $(PO_LANGUAGES); do \
	  msgmerge --quiet --no-wrap --no-fuzzy-matching --add-location=file --update --backup=none \
	    po/$$language.po po/iwebmsg.pot || exit 1; \
	  msgattrib --no-wrap --no-obsolete --add-location=file -o po/$$language.po po/$$language.po || exit 1; \
	done
	$(Q)/usr/bin/python3 po/marks.py space $(PO_FILES)

# Every catalogue complete, well formed, and its placeholders those of English;
# and no words that it knows nothing of.
po-check:
	$(Q)for file in $(PO_FILES); do msgfmt --check --statistics -o /dev/null $$file || exit 1; done
	$(Q)/usr/bin/python3 po/marks.py check $(PO_FILES)
	$(Q)/usr/bin/python3 po/marks.py unmarked
	$(Q)/usr/bin/python3 po/spoken.py

.PHONY: pot po po-check
