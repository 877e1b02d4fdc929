#include "mime/html_clean.h"

#include "mime/html_writer.h"

/*
 * One pass parses HTML and writes what is allowed of it. A browser must see
 * the tree that was cleaned (mutation XSS lives on the difference): where the
 * nesting leaves doubt, the result is passed again until there is none or the
 * text does not change any more. What does not come to rest is shown as plain
 * text.
 */
#define PASSES_MAX 5u

/* Our own document is parsed in this context; so is each pass but the first. */
#define CONTEXT "<!DOCTYPE html><body>"

static enum err_code
run_pass(struct html_writer *writer, struct str source, struct err *err)
{
	const struct html_visitor visitor = html_writer_visitor(writer);
	enum err_code rc = html_parse(source, &visitor, err);

	if (rc == ERR_OK && writer->out.failed != ERR_OK)
		rc = err_set(err, writer->out.failed,
		    "This HTML is too large to be shown.",
		    "html: output past its maximum");
	return rc;
}

static void
take_result(struct html_writer *writer, struct html_clean_result *out)
{
	struct buf final;
	size_t at = 0;
	struct str text = buf_str(&writer->out);

	buf_init_arena(&final, writer->arena, HTML_WRITER_BYTES_MAX * 2);
	for (size_t i = 0; i < writer->swap_count; i++) {
		const struct html_swap *swap = &writer->swaps[i];
		buf_add(&final, str_slice(text, at, swap->offset));
		html_writer_escape(&final, swap->shown);
		at = swap->offset + swap->len;
	}
	if (writer->swap_count == 0)
		out->body.s = str_dup(writer->arena, text);
	else {
		buf_add(&final, str_slice(text, at, text.len));
		out->body.s = buf_str(&final);
	}
}

/* Passes `text` again; *is_stable when there is no doubt left. */
static enum err_code
run_again(struct html_writer *again, struct str text, bool *is_stable,
    struct err *err)
{
	struct buf source;
	enum err_code rc;

	buf_init(&source, HTML_WRITER_BYTES_MAX + sizeof(CONTEXT));
	buf_add(&source, STR(CONTEXT));
	buf_add(&source, text);
	rc = source.failed != ERR_OK ? err_set(err, source.failed, NULL, NULL)
	                             : run_pass(again, buf_str(&source), err);
	buf_free(&source);
	*is_stable = rc == ERR_OK && (!again->nest.is_doubtful ||
	                                 str_eq(buf_str(&again->out), text));
	return rc;
}

/* Cleans `source` until it comes to rest; false in *is_stable if it does not.
 */
static enum err_code
clean_stably(struct str source, const struct html_clean_options *options,
    struct arena *arena, struct html_clean_result *out, bool *is_stable,
    struct err *err)
{
	struct html_writer first;
	struct html_writer again;
	enum err_code rc;

	html_writer_init(&first, options, arena);
	rc = run_pass(&first, source, err);
	out->blocked_remote = first.blocked;
	out->is_truncated |= first.is_truncated;
	*is_stable = rc == ERR_OK && !first.nest.is_doubtful;
	if (rc == ERR_OK)
		out->body_style = str_dup(arena, buf_str(&first.body_style));
	for (unsigned i = 0; rc == ERR_OK && !*is_stable && i < PASSES_MAX;
	     i++) {
		html_writer_init(&again, options, arena);
		rc = run_again(&again, buf_str(&first.out), is_stable, err);
		html_writer_end(&first);
		first = again;
	}
	if (rc == ERR_OK && *is_stable)
		take_result(&first, out);
	html_writer_end(&first);
	return rc;
}

/* ---- what cannot be cleaned is read as text ---- */

static enum err_code
clean_as_text(struct str source, struct arena *arena,
    struct html_clean_result *out, struct err *err)
{
	struct buf text;

	buf_init_arena(&text, arena, HTML_WRITER_BYTES_MAX);
	buf_add(&text, STR("<pre>"));
	if (str_starts(source, STR("\n")))
		buf_add_byte(&text, '\n');
	html_writer_escape(&text, source);
	buf_add(&text, STR("</pre>"));
	out->body_style = (struct str){0};
	out->body.s = buf_str(&text);
	if (text.failed != ERR_OK)
		return err_set(err, text.failed,
		    "This HTML is too large to be shown.", "html: as text");
	return ERR_OK;
}

enum err_code
html_clean(struct str source, const struct html_clean_options *options,
    struct arena *arena, struct html_clean_result *out, struct err *err)
{
	/* What is too complicated whole is shown in part. */
	const size_t lengths[] = {
	    source.len, (size_t)128 << 10, (size_t)16 << 10, (size_t)2 << 10};
	struct str text = {0};
	enum err_code rc = ERR_LIMIT;
	bool is_stable = false;

	*out = (struct html_clean_result){0};
	if (source.len > LIMIT_HTML_SHOWN)
		return err_set(err, ERR_LIMIT,
		    "This HTML is too large to be shown.", "html: source");
	text = text_from(arena, source).s;
	for (size_t i = 0; i < 4 && rc == ERR_LIMIT; i++) {
		out->is_truncated |= lengths[i] < text.len;
		rc = clean_stably(str_slice(text, 0, lengths[i]), options,
		    arena, out, &is_stable, err);
	}
	if (rc == ERR_LIMIT || (rc == ERR_OK && !is_stable))
		rc = clean_as_text(text, arena, out, err);
	if (rc == ERR_OK && arena_failed(arena))
		rc = err_set(err, ERR_NO_MEMORY,
		    "This HTML is too large to be shown.", "html: arena");
	return rc;
}
