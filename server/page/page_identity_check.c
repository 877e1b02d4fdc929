/* What an identity may be, wherever it comes from. */
#include "base/limits.h"
#include "mime/html_clean.h"
#include "mime/mime.h"
#include "page/page_identity.h"

#define SIGNATURE_BYTES ((size_t)10 << 10)

/* Of one identity that is looked at. */
struct identity_check {
	struct arena *arena;
	struct str domain;
	struct page_identity *one;
	const char *field; /* "error_address", …, of what is wrong */
	struct err *err;
};

static enum err_code
check_wrong(struct identity_check *in, const char *field, const char *message)
{
	in->field = field;
	return err_set(in->err, ERR_INPUT, message, NULL);
}

/* The only address of a line. */
static enum err_code
check_address(struct identity_check *in)
{
	struct page_identity *one = in->one;
	struct mime_addresses found = {0};
	enum err_code rc;

	if (one->is_own)
		return ERR_OK;
	in->field = "error_address";
	rc = mime_check_recipients(
	    one->address.s, in->domain, in->arena, &found, in->err);
	if (rc != ERR_OK)
		return rc;
	if (found.count != 1 || found.list[0].address.s.len > LIMIT_NAME_BYTES)
		return check_wrong(in, in->field,
		    N_("Please type one address, such as name@example.org."));
	one->address = found.list[0].address;
	if (text_is_empty(one->name))
		one->name = found.list[0].name;
	return ERR_OK;
}

static enum err_code
check_people(struct identity_check *in, struct text line, const char *field)
{
	struct mime_addresses found = {0};
	enum err_code rc;

	if (text_is_empty(line))
		return ERR_OK;
	in->field = field;
	rc = mime_check_recipients(
	    line.s, in->domain, in->arena, &found, in->err);
	if (rc == ERR_OK && line.s.len > LIMIT_NAME_BYTES * 4)
		rc =
		    check_wrong(in, field, N_("These are too many addresses."));
	return rc;
}

/* Clean HTML, as every message with it will hold. */
static enum err_code
check_html(struct identity_check *in)
{
	struct html_clean_options options = {.allow_remote_images = true};
	struct html_clean_result clean = {0};
	struct str typed = in->one->signature_html;
	enum err_code rc;

	if (str_trim(typed).len == 0) {
		in->one->signature_html = STR("");
		return ERR_OK;
	}
	in->field = "error_signature_html";
	if (typed.len > SIGNATURE_BYTES)
		return check_wrong(in, in->field,
		    N_("The formatted signature is longer than 10 KB. Please "
		       "shorten it."));
	rc = html_clean(typed, &options, in->arena, &clean, in->err);
	if (rc == ERR_OK)
		in->one->signature_html = clean.body.s;
	return rc;
}

static enum err_code
check_sizes(struct identity_check *in)
{
	const struct page_identity *one = in->one;

	if (one->name.s.len > LIMIT_NAME_BYTES ||
	    one->organization.s.len > LIMIT_NAME_BYTES)
		return check_wrong(in, "error_name",
		    N_("The name or the organisation is too long."));
	if (one->signature.s.len > SIGNATURE_BYTES)
		return check_wrong(in, "error_signature",
		    N_("The signature is longer than 10 KB. Please shorten "
		       "it."));
	return ERR_OK;
}

enum err_code
page_identity_check(struct arena *arena, struct str domain,
    struct page_identity *one, const char **out_field, struct err *err)
{
	struct identity_check in = {
	    .arena = arena, .domain = domain, .one = one, .err = err};
	enum err_code rc = check_html(&in);

	if (rc == ERR_OK)
		rc = check_address(&in);
	if (rc == ERR_OK)
		rc = check_people(&in, one->reply_to, "error_reply_to");
	if (rc == ERR_OK)
		rc = check_people(&in, one->bcc, "error_bcc");
	if (rc == ERR_OK)
		rc = check_sizes(&in);
	*out_field = rc == ERR_OK ? NULL : in.field;
	return rc;
}
