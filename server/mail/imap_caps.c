#include "mail/imap_conn.h"

uint64_t
imap_caps_parse(struct str words)
{
	static const struct {
		const char *name;
		uint64_t caps;
	} table[] = {{"LITERAL+", IMAP_CAP_LITERAL_PLUS},
	    {"LITERAL-", IMAP_CAP_LITERAL_MINUS}, {"SASL-IR", IMAP_CAP_SASL_IR},
	    {"AUTH=PLAIN", IMAP_CAP_AUTH_PLAIN},
	    {"AUTH=EXTERNAL", IMAP_CAP_AUTH_EXTERNAL},
	    {"LOGINDISABLED", IMAP_CAP_LOGINDISABLED},
	    {"STARTTLS", IMAP_CAP_STARTTLS}, {"UIDPLUS", IMAP_CAP_UIDPLUS},
	    {"MOVE", IMAP_CAP_MOVE}, {"SORT", IMAP_CAP_SORT},
	    {"SORT=DISPLAY", IMAP_CAP_SORT_DISPLAY},
	    {"ESEARCH", IMAP_CAP_ESEARCH}, {"ESORT", IMAP_CAP_ESORT},
	    {"CONTEXT=SEARCH", IMAP_CAP_CONTEXT},
	    {"CONTEXT=SORT", IMAP_CAP_CONTEXT},
	    {"LIST-EXTENDED", IMAP_CAP_LIST_EXTENDED},
	    {"LIST-STATUS", IMAP_CAP_LIST_STATUS},
	    {"SPECIAL-USE", IMAP_CAP_SPECIAL_USE}, {"QUOTA", IMAP_CAP_QUOTA},
	    {"NAMESPACE", IMAP_CAP_NAMESPACE}, {"CATENATE", IMAP_CAP_CATENATE},
	    {"CREATE-SPECIAL-USE", IMAP_CAP_CREATE_USE},
	    {"STATUS=SIZE", IMAP_CAP_STATUS_SIZE}, {"ACL", IMAP_CAP_ACL},
	    {"THREAD=REFS", IMAP_CAP_THREAD_REFS}, {"IDLE", IMAP_CAP_IDLE},
	    {"THREAD=REFERENCES", IMAP_CAP_THREAD}, {"NOTIFY", IMAP_CAP_NOTIFY},
	    {"IMAP4rev1", IMAP_CAP_REV}, {"ID", IMAP_CAP_ID},
	    {"PREVIEW", IMAP_CAP_PREVIEW},
	    {"MULTIAPPEND", IMAP_CAP_MULTIAPPEND},
	    {"SEARCHRES", IMAP_CAP_SEARCHRES}, {"UNSELECT", IMAP_CAP_UNSELECT},
	    /* RFC 9051 has these built in. */
	    {"IMAP4rev2",
	        IMAP_CAP_LITERAL_MINUS | IMAP_CAP_SASL_IR | IMAP_CAP_UIDPLUS |
	            IMAP_CAP_MOVE | IMAP_CAP_ESEARCH | IMAP_CAP_LIST_EXTENDED |
	            IMAP_CAP_LIST_STATUS | IMAP_CAP_SPECIAL_USE |
	            IMAP_CAP_NAMESPACE | IMAP_CAP_STATUS_SIZE | IMAP_CAP_IDLE |
	            IMAP_CAP_SEARCHRES | IMAP_CAP_UNSELECT}};
	uint64_t caps = 0;

	while (words.len > 0) {
		struct str word = str_trim(str_cut(&words, ' '));

		for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
			if (str_eq_nocase(word, str_c(table[i].name)))
				caps |= table[i].caps;
		}
		/* "RIGHTS=kxte" */
		if (str_eq_nocase(str_slice(word, 0, 7), STR("RIGHTS=")))
			caps |= IMAP_CAP_RIGHTS;
	}
	return caps;
}
