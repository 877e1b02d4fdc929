#include "mime/mime_outline_part.h"

bool
outline_part_is(
    const struct mime_part *part, const char *type, const char *subtype)
{
	return str_eq_nocase(part->type, str_c(type)) &&
	       (subtype == NULL ||
	           str_eq_nocase(part->subtype, str_c(subtype)));
}

static bool
is_among(struct str word, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (str_eq_nocase(word, str_c(*list)))
			return true;
	}
	return false;
}

struct str
mime_outline_param(const struct mime_part *part, struct str name)
{
	for (size_t i = 0; i < part->param_count; i++) {
		if (str_eq_nocase(part->params[i].name, name))
			return part->params[i].value;
	}
	return (struct str){0};
}

enum mime_pkcs7
mime_outline_pkcs7(const struct mime_part *part)
{
	struct str kind = mime_outline_param(part, STR("smime-type"));

	if (!outline_part_is(part, "application", "pkcs7-mime") &&
	    !outline_part_is(part, "application", "x-pkcs7-mime"))
		return MIME_PKCS7_NONE;
	if (str_eq_nocase(kind, STR("signed-data")) ||
	    str_eq_nocase(kind, STR("signed-receipt")))
		return MIME_PKCS7_SIGNED;
	if (str_eq_nocase(kind, STR("enveloped-data")) ||
	    str_eq_nocase(kind, STR("authEnveloped-data")))
		return MIME_PKCS7_ENCRYPTED;
	if (str_eq_nocase(kind, STR("compressed-data")))
		return MIME_PKCS7_COMPRESSED;
	/* Only certificates: nothing of the message is in there. */
	if (str_eq_nocase(kind, STR("certs-only")) ||
	    str_ends(part->name.s, STR(".p7c")))
		return MIME_PKCS7_NONE;
	return MIME_PKCS7_UNKNOWN;
}

bool
mime_outline_is_message(const struct mime_part *part)
{
	return outline_part_is(part, "message", "rfc822") ||
	       outline_part_is(part, "message", "global") ||
	       outline_part_is(part, "message", "news");
}

bool
outline_part_is_calendar(
    const struct outline_how *how, const struct mime_part *part)
{
	/* An invitation often comes a second time, as a file. */
	return outline_part_is(part, "text", "calendar") ||
	       (!how->has_calendar &&
	           outline_part_is(part, "application", "ics"));
}

bool
outline_part_is_contact(const struct mime_part *part)
{
	static const char *const subtypes[] = {"vcard", "x-vcard", NULL};

	return outline_part_is(part, "text", NULL) &&
	       (is_among(part->subtype, subtypes) ||
	           (outline_part_is(part, "text", "directory") &&
	               str_eq_nocase(mime_outline_param(part, STR("profile")),
	                   STR("vcard"))));
}

/* Never the text of a message: other forms of it, or its machine's. */
bool
outline_part_is_odd(const struct mime_part *part)
{
	static const char *const subtypes[] = {"x-amp-html", "watch-html",
	    "calendar", "vcard", "x-vcard", "css", "javascript", NULL};

	return is_among(part->subtype, subtypes);
}

/*
 * Shown as text? With a name it is so only where its sender wanted it within
 * the message, or where it is plain text that nobody called an attachment.
 */
bool
outline_part_is_text(
    const struct outline_how *how, const struct mime_part *part)
{
	if (!outline_part_is(part, "text", NULL) || outline_part_is_odd(part) ||
	    part->disposition == MIME_ATTACHMENT)
		return false;
	return how->takes_named || text_is_empty(part->name) ||
	       part->disposition == MIME_INLINE ||
	       outline_part_is(part, "text", "plain");
}

/* Kinds that are one block and one file. */
bool
outline_part_card(const struct outline_how *how, const struct mime_part *part,
    enum mime_block_kind *out)
{
	static const struct {
		const char *type, *subtype;
		enum mime_block_kind kind;
	} kinds[] = {
	    {"message", "delivery-status", MIME_BLOCK_DELIVERY},
	    {"message", "global-delivery-status", MIME_BLOCK_DELIVERY},
	    {"message", "disposition-notification", MIME_BLOCK_RECEIPT},
	    {"message", "global-disposition-notification", MIME_BLOCK_RECEIPT},
	    {"message", "feedback-report", MIME_BLOCK_FEEDBACK},
	    {"text", "rfc822-headers", MIME_BLOCK_HEADERS},
	    {"text", "rfc822-header", MIME_BLOCK_HEADERS},
	    {"message", "global-headers", MIME_BLOCK_HEADERS},
	    {"message", "partial", MIME_BLOCK_PARTIAL},
	    {"message", "external-body", MIME_BLOCK_EXTERNAL},
	    {"application", "ms-tnef", MIME_BLOCK_TNEF},
	    {"application", "vnd.ms-tnef", MIME_BLOCK_TNEF},
	};
	enum mime_pkcs7 pkcs7 = mime_outline_pkcs7(part);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		*out = kinds[i].kind;
		if (outline_part_is(part, kinds[i].type, kinds[i].subtype))
			return true;
	}
	*out = MIME_BLOCK_TNEF;
	if (outline_part_is(part, "application", NULL) &&
	    str_eq_nocase(part->name.s, STR("winmail.dat")))
		return true;
	*out = MIME_BLOCK_CALENDAR;
	if (outline_part_is_calendar(how, part))
		return true;
	*out = MIME_BLOCK_CONTACT;
	if (outline_part_is_contact(part))
		return true;
	*out = pkcs7 == MIME_PKCS7_SIGNED ? MIME_BLOCK_SIGNED
	                                  : MIME_BLOCK_ENCRYPTED;
	if (pkcs7 != MIME_PKCS7_NONE)
		return true;
	*out = MIME_BLOCK_MESSAGE;
	return mime_outline_is_message(part);
}
