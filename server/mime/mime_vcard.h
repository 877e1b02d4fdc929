#ifndef MIME_MIME_VCARD_H
#define MIME_MIME_VCARD_H
/* Cards of people: vCard 2.1, 3.0 (RFC 2426), 4.0 (RFC 6350). */
#include "mime/mime.h"

#define MIME_VCARDS_MAX      20u /* of one part */
#define MIME_VCARD_LINES_MAX 60u /* shown of one card */

enum mime_vcard_kind {
	MIME_VCARD_NICKNAME,
	MIME_VCARD_ORGANISATION,
	MIME_VCARD_TITLE,
	MIME_VCARD_ROLE,
	MIME_VCARD_MAIL,
	MIME_VCARD_PHONE,
	MIME_VCARD_FAX,
	MIME_VCARD_ADDRESS,
	MIME_VCARD_WEB,
	MIME_VCARD_BIRTHDAY,
	MIME_VCARD_NOTE
};
/* One thing that a card says; text only. */
struct mime_vcard_line {
	enum mime_vcard_kind kind;
	bool is_home, is_work, is_mobile;
	struct text value; /* an address has lines */
};
struct mime_vcard {
	struct text name; /* never empty: else an organisation, an address */
	struct mime_vcard_line *lines;
	size_t line_count;
};
struct mime_vcards {
	struct mime_vcard *list;
	size_t count;
	bool is_cut; /* more than MIME_VCARDS_MAX, or too long */
};

/* `bytes`: the part, decoded. None in it: count 0. */
enum err_code mime_vcard_parse(struct str bytes, struct arena *arena,
    struct mime_vcards *out, struct err *err) WARN_UNUSED;

#endif
