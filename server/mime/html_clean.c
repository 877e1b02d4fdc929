#include "mime/html_clean.h"

#include "base/tr.h"
#include "mime/html_budget.h"
#include "mime/html_escape.h"
#include "mime/html_pool.h"
#include "mime/html_writer.h"

/*
 * One pass parses HTML and writes what is allowed of it. A browser must see
 * the tree that was cleaned (mutation XSS lives on the difference): where the
 * nesting leaves doubt, the result is passed again until there is none or the
 * text does not change any more. What does not come to rest is shown as plain
 * text.
 */
#define PASSES_MAX     5u
#define TIME_MS        2000
#define PASS_MS        300 /* of one pass, and a millisecond for each … */
#define PASS_BYTES     4096u
#define PARSER_BYTES   ((size_t)32 << 20)
#define BUDGET_BYTES   ((size_t)30 << 20) /* so much of it is planned with */
#define TEXT_BYTES_MAX ((size_t)1 << 20)  /* shown as text */

/* Our own document is parsed in this context; so is each pass but the first. */
#define CONTEXT "<!DOCTYPE html><body>"

/* The mail's style sheet stands before what it is for. */
#define STYLE_BEGIN "<style>"
#define STYLE_END   "</style>"

/*
 * The mail's own sheet and its negative margins must neither restyle, hide nor
 * cover it; `all` leaves out the direction.
 */
#define NOTE_BEGIN                                                       \
	"<span class=\"iwm-host\" style=\"all:initial!important;"        \
	"direction:ltr!important;unicode-bidi:isolate!important;"        \
	"display:inline!important;position:relative!important;"          \
	"z-index:9!important;color:#7a1f00!important;"                   \
	"background:#fff3e0!important;font:13px sans-serif!important\">" \
	" ("
#define NOTE_END ")</span>"

/* What one call of html_clean() works with. */
struct job {
	const struct html_clean_options *options;
	struct arena *arena;
	struct html_clean_result *out;
	int64_t until_cpu_ms; /* of the present attempt */
};

static enum err_code
run_pass(const struct job *job, struct html_writer *writer, struct str source,
    struct err *err)
{
	const struct html_visitor visitor = html_writer_visitor(writer);
	struct html_parse_limits limits = {.max_bytes = PARSER_BYTES,
	    .until_cpu_ms = html_pool_cpu_ms() + PASS_MS +
	                    (int64_t)(source.len / PASS_BYTES)};
	enum err_code rc;

	if (limits.until_cpu_ms > job->until_cpu_ms)
		limits.until_cpu_ms = job->until_cpu_ms;
	rc = html_parse(source, &limits, &visitor, err);
	if (rc == ERR_OK && writer->out.failed != ERR_OK)
		rc = err_set(err, writer->out.failed,
		    "This HTML is too large to be shown.",
		    "html: output past its maximum");
	return rc;
}

static void
add_canonical(struct buf *out, const struct html_writer *writer)
{
	if (writer->sheet.out.len > 0) {
		buf_add(out, STR(STYLE_BEGIN));
		buf_add(out, buf_str(&writer->sheet.out));
		buf_add(out, STR(STYLE_END));
	}
	buf_add(out, buf_str(&writer->out));
}

/* In the reader's language. */
static void
add_note(struct buf *out, struct arena *arena, struct str host)
{
	buf_add(out, STR(NOTE_BEGIN));
	html_escape_add(
	    out, str_printf(arena, tr("really: %.*s"), STR_ARG(host)));
	buf_add(out, STR(NOTE_END));
}

static void
take_result(const struct job *job, struct html_writer *writer)
{
	struct html_clean_result *out = job->out;
	struct str text = buf_str(&writer->out);
	size_t at = 0;
	struct buf final;

	buf_init(&final, LIMIT_PAGE_BYTES - ((size_t)1 << 20));
	if (writer->swap_count == 0)
		add_canonical(&final, writer);
	else if (writer->sheet.out.len > 0) {
		buf_add(&final, STR(STYLE_BEGIN));
		buf_add(&final, buf_str(&writer->sheet.out));
		buf_add(&final, STR(STYLE_END));
	}
	for (size_t i = 0; i < writer->swap_count; i++) {
		const struct html_swap *swap = &writer->swaps[i];
		buf_add(&final, str_slice(text, at, swap->offset));
		if (swap->is_note)
			add_note(&final, job->arena, swap->shown);
		else
			html_escape_add(&final, swap->shown);
		at = swap->offset + swap->len;
	}
	if (writer->swap_count > 0)
		buf_add(&final, str_slice(text, at, text.len));
	if (final.failed == ERR_OK)
		out->body.s = str_dup(job->arena, buf_str(&final));
	else
		writer->out.failed = final.failed;
	buf_free(&final);
}

/* Passes `text` again; *is_stable when there is no doubt left. */
static enum err_code
run_again(const struct job *job, struct html_writer *again,
    const struct html_writer *before, bool *is_stable, struct err *err)
{
	struct buf source;
	enum err_code rc;

	buf_init(&source, HTML_WRITER_BYTES_MAX * 2);
	buf_add(&source, STR(CONTEXT));
	add_canonical(&source, before);
	rc = source.failed != ERR_OK
	         ? err_set(err, source.failed, NULL, NULL)
	         : run_pass(job, again, buf_str(&source), err);
	buf_free(&source);
	*is_stable = rc == ERR_OK &&
	             (!again->nest.is_doubtful ||
	                 str_eq(buf_str(&again->out), buf_str(&before->out)));
	return rc;
}

/* What only the first pass sees. */
static void
take_facts(const struct job *job, const struct html_writer *first)
{
	struct html_clean_result *out = job->out;

	out->blocked_remote = first->blocked + first->sheet.loads;
	out->tiny_remote = first->tiny;
	out->colours = html_shade_result(&first->shades, &first->sheet);
	out->is_truncated |= first->is_truncated;
	out->body_style = str_dup(job->arena, buf_str(&first->body_style));
}

/* Cleans `source` until it comes to rest; false in *is_stable if it does not.
 */
static enum err_code
clean_stably(
    const struct job *job, struct str source, bool *is_stable, struct err *err)
{
	struct html_writer *writers = calloc(2, sizeof(*writers));
	struct html_writer *now = writers;
	enum err_code rc = ERR_OK;

	if (writers == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "html: writer");
	html_writer_init(now, job->options, job->arena);
	rc = run_pass(job, now, source, err);
	*is_stable = rc == ERR_OK && !now->nest.is_doubtful;
	if (rc == ERR_OK)
		take_facts(job, now);
	for (unsigned i = 0; rc == ERR_OK && !*is_stable && i < PASSES_MAX;
	     i++) {
		struct html_writer *again =
		    now == writers ? writers + 1 : writers;
		html_writer_init(again, job->options, job->arena);
		rc = run_again(job, again, now, is_stable, err);
		html_writer_end(now);
		now = again;
	}
	if (rc == ERR_OK && *is_stable) {
		take_result(job, now);
		rc = now->out.failed;
	}
	html_writer_end(now);
	free(writers);
	return rc;
}

/* ---- what cannot be cleaned is read as text ---- */

static enum err_code
clean_as_text(const struct job *job, struct str source, struct err *err)
{
	struct html_clean_result *out = job->out;
	struct buf text;

	out->is_truncated |= source.len > TEXT_BYTES_MAX;
	source = text_from(job->arena, str_slice(source, 0, TEXT_BYTES_MAX)).s;
	buf_init_arena(&text, job->arena, TEXT_BYTES_MAX * 8);
	buf_add(&text, STR("<pre>"));
	if (str_starts(source, STR("\n")))
		buf_add_byte(&text, '\n');
	html_escape_add(&text, source);
	buf_add(&text, STR("</pre>"));
	out->body_style = (struct str){0};
	out->colours = HTML_NO_COLOURS;
	out->body.s = buf_str(&text);
	if (text.failed != ERR_OK)
		return err_set(err, text.failed,
		    "This HTML is too large to be shown.", "html: as text");
	return ERR_OK;
}

/* The beginning, without a character that is cut in two. */
static struct str
beginning(struct str s, size_t bytes)
{
	if (bytes >= s.len)
		return s;
	while (bytes > 0 && ((unsigned char)s.ptr[bytes] & 0xc0) == 0x80)
		bytes--;
	return str_slice(s, 0, bytes);
}

enum err_code
html_clean(struct str source, const struct html_clean_options *options,
    struct arena *arena, struct html_clean_result *out, struct err *err)
{
	/* What is too complicated whole is shown in part. */
	static const struct {
		size_t bytes;
		int64_t time_percent; /* until when it may be tried */
	} tries[] = {{SIZE_MAX, 60}, {(size_t)512 << 10, 80},
	    {(size_t)128 << 10, 90}, {(size_t)16 << 10, 95}, {2048, 100}};
	struct job job = {.options = options, .arena = arena, .out = out};
	int64_t start = html_pool_cpu_ms();
	int64_t time_ms = options->time_ms > 0 ? options->time_ms : TIME_MS;
	size_t max_bytes =
	    options->max_bytes > 0 ? options->max_bytes : LIMIT_HTML_SHOWN;
	struct str text = {0}, shown = {0};
	enum err_code rc = ERR_LIMIT;
	bool is_stable = false;

	*out = (struct html_clean_result){0};
	out->is_truncated = source.len > max_bytes;
	text = text_from(arena, beginning(source, max_bytes)).s;
	shown = str_slice(text, 0, html_budget_fit(text, BUDGET_BYTES));
	out->is_truncated |= shown.len < text.len;
	for (size_t i = 0;
	     i < sizeof(tries) / sizeof(tries[0]) && rc == ERR_LIMIT; i++) {
		if (i > 0 && tries[i].bytes >= shown.len)
			continue;
		out->is_truncated |= tries[i].bytes < shown.len;
		job.until_cpu_ms =
		    start + time_ms * tries[i].time_percent / 100;
		rc = clean_stably(
		    &job, beginning(shown, tries[i].bytes), &is_stable, err);
	}
	if (rc == ERR_LIMIT || (rc == ERR_OK && !is_stable))
		rc = clean_as_text(&job, text, err);
	if (rc == ERR_OK && arena_failed(arena))
		rc = err_set(err, ERR_NO_MEMORY,
		    "This HTML is too large to be shown.", "html: arena");
	return rc;
}
