#include "base/num.h"
#include "page/page_search.h"

#define BUILD_BYTES ((size_t)2000)

/* Words of the field, looked for in the part of messages that was chosen. */
static void
build_words(struct request *req, struct buf *out)
{
	static const char *const parts[] = {"subject", "from", "body"};
	struct text words = text_line(req->arena, request_field(req, "words"));
	struct str where = request_field(req, "where");

	if (text_is_empty(words))
		return;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (str_eq(where, str_c(parts[i]))) {
			buf_addf(out, "%s:(%.*s)", parts[i], STR_ARG(words.s));
			return;
		}
	if (str_eq(where, STR("recipients")))
		buf_addf(out, "(to:(%.*s) OR cc:(%.*s))", STR_ARG(words.s),
		    STR_ARG(words.s));
	else
		buf_add(out, words.s);
}

static void
build_text(
    struct request *req, struct buf *out, const char *field, const char *name)
{
	struct text value = text_line(req->arena, request_field(req, field));

	if (!text_is_empty(value))
		mail_search_add(out, name, value);
}

/* Words of ours, as a choice of the form has them. */
static void
build_choice(struct request *req, struct buf *out, const char *field)
{
	static const char *const known[] = {"is:unread", "is:read",
	    "is:flagged", "-is:flagged", "is:answered", "-is:answered",
	    "has:attachment", "-has:attachment"};
	struct str value = request_field(req, field);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(value, str_c(known[i])))
			buf_addf(
			    out, "%s%s", out->len > 0 ? " " : "", known[i]);
}

static enum err_code
build_size(struct request *req, struct buf *out, const char *field,
    const char *name, struct err *err)
{
	struct str typed = str_trim(request_field(req, field));
	uint32_t kilobytes = 0;

	if (typed.len == 0)
		return ERR_OK;
	if (num_u32(typed, 0, 4000000, &kilobytes, NULL) != ERR_OK)
		return err_set(err, ERR_INPUT,
		    "Please write a size as a number of kilobytes.", NULL);
	buf_addf(out, "%s%s:%uK", out->len > 0 ? " " : "", name,
	    (unsigned)kilobytes);
	return ERR_OK;
}

enum err_code
page_search_build(struct request *req, struct text *out, struct err *err)
{
	struct buf words;
	struct str all;
	enum err_code rc;

	buf_init_arena(&words, req->arena, BUILD_BYTES);
	build_words(req, &words);
	build_text(req, &words, "from", "from");
	build_text(req, &words, "to", "to");
	build_text(req, &words, "subject", "subject");
	build_text(req, &words, "after", "after");
	build_text(req, &words, "before", "before");
	build_choice(req, &words, "read");
	build_choice(req, &words, "flagged");
	build_choice(req, &words, "answered");
	build_choice(req, &words, "attachment");
	rc = build_size(req, &words, "larger", "larger", err);
	if (rc == ERR_OK)
		rc = build_size(req, &words, "smaller", "smaller", err);
	if (rc == ERR_OK)
		rc = buf_end(&words, &all, err);
	if (rc == ERR_LIMIT)
		return err_set(err, ERR_INPUT,
		    "These are too many words to search for.", NULL);
	if (rc == ERR_OK)
		*out = text_line(req->arena, all);
	return rc;
}
