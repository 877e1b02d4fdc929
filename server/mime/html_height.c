#include "mime/html_height.h"

#include "base/scan.h"

/* Measured with the samples of tests/browser/newsletters. */
#define HEIGHT_WIDE_CHARS   110u /* of a line */
#define HEIGHT_NARROW_CHARS 36u
#define HEIGHT_LINE_PX      25u
#define HEIGHT_GAP_PX       14u /* above a paragraph */
#define HEIGHT_HEADING_PX   28u /* above a heading, and its larger letters */
#define HEIGHT_ROOM_PX      56u /* around all of it */
#define HEIGHT_IMAGE_MAX_PX 800u

/* The heights of app.css, "w1" and so on; the last one has none. */
static const unsigned height_steps[HTML_HEIGHT_STEPS - 1] = {
    90, 130, 180, 240, 310, 390, 480, 600, 760, 980, 1300, 1800, 2600};

struct height_count {
	bool has_remote;
	unsigned chars; /* since the last break */
	unsigned wide_px, narrow_px;
	unsigned wide_row, narrow_row;   /* highest cell of the row so far */
	unsigned cell_wide, cell_narrow; /* heights where the cell began */
};

unsigned
html_height_px(unsigned step)
{
	return step >= 1 && step < HTML_HEIGHT_STEPS ? height_steps[step - 1]
	                                             : 0;
}

static unsigned
height_step(unsigned px)
{
	unsigned step = 0;

	while (step < HTML_HEIGHT_STEPS - 1 && height_steps[step] < px)
		step++;
	return step + 1;
}

static void
height_add(struct height_count *count, unsigned px)
{
	count->wide_px += px;
	count->narrow_px += px;
}

/* The words since the last break take their lines. */
static void
height_break(struct height_count *count, bool is_line)
{
	unsigned chars = count->chars;

	count->chars = 0;
	if (chars == 0 && !is_line)
		return;
	chars = chars == 0 ? 1 : chars;
	count->wide_px += (chars + HEIGHT_WIDE_CHARS - 1) / HEIGHT_WIDE_CHARS *
	                  HEIGHT_LINE_PX;
	count->narrow_px += (chars + HEIGHT_NARROW_CHARS - 1) /
	                    HEIGHT_NARROW_CHARS * HEIGHT_LINE_PX;
}

/* The number of height="40" or style="padding:8px 0"; else `none`. */
static unsigned
height_number(struct str tag, struct str name, unsigned none)
{
	size_t at = str_find_nocase(tag, name, 0);
	struct scan scan;
	uint64_t px = 0;

	/* "line-height" is another one. */
	while (at < tag.len && at > 0 && tag.ptr[at - 1] == '-')
		at = str_find_nocase(tag, name, at + 1);
	if (at >= tag.len)
		return none;
	scan = scan_of(str_slice(tag, at + name.len, tag.len));
	(void)scan_str_nocase(&scan, STR("-top"));
	(void)scan_while(&scan, " =\"':\t\r\n");
	if (!scan_u64(&scan, HEIGHT_IMAGE_MAX_PX, &px))
		return none;
	return scan_str_nocase(&scan, STR("em")) ? (unsigned)px * 16
	                                         : (unsigned)px;
}

static void
height_image(struct height_count *count, struct str tag)
{
	unsigned px = height_number(tag, STR("height"), 0);
	bool is_remote = str_find_nocase(tag, STR("http"), 0) < tag.len;

	if (px <= 2)
		return;
	/* Of what is left out, words may stand there. */
	if (is_remote && !count->has_remote && px > HEIGHT_LINE_PX)
		px = HEIGHT_LINE_PX * 2;
	/* Beside words: what is higher than their line. */
	height_add(count, px > HEIGHT_LINE_PX ? px - HEIGHT_LINE_PX : 0);
	count->chars += count->chars == 0;
}

/* Sets the text's end behind what is no text: <style>, <head>, … */
static bool
height_skips(struct scan *scan, struct str name)
{
	static const struct str hidden[] = {
	    {"style", 5}, {"script", 6}, {"title", 5}};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		struct str rest = scan_rest(scan);
		size_t at = 0;

		if (!str_eq_nocase(name, hidden[i]))
			continue;
		do {
			at = str_find_byte(rest, '<', at + 1);
		} while (at < rest.len &&
		         !(rest.len - at > hidden[i].len + 2 &&
		             rest.ptr[at + 1] == '/' &&
		             str_eq_nocase(str_slice(rest, at + 2,
		                               at + 2 + hidden[i].len),
		                 hidden[i])));
		(void)scan_take(scan, at);
		return true;
	}
	return false;
}

static bool
height_is(struct str name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (str_eq_nocase(name, str_c(*names)))
			return true;
	return false;
}

/* Cells stand beside each other: the highest of a row counts. */
static void
height_cell(struct height_count *count, struct str name)
{
	bool is_row = str_eq_nocase(name, STR("tr"));

	height_break(count, false);
	if (count->wide_px - count->cell_wide > count->wide_row)
		count->wide_row = count->wide_px - count->cell_wide;
	if (count->narrow_px - count->cell_narrow > count->narrow_row)
		count->narrow_row = count->narrow_px - count->cell_narrow;
	count->wide_px = count->cell_wide;
	count->narrow_px = count->cell_narrow;
	if (!is_row)
		return;
	count->wide_px += count->wide_row + 4;
	count->narrow_px += count->narrow_row + 4;
	count->wide_row = count->narrow_row = 0;
	count->cell_wide = count->wide_px;
	count->cell_narrow = count->narrow_px;
}

/* Margins as its style says, else as they are; what is padded, twice. */
static void
height_gap(struct height_count *count, struct str tag, bool is_end, unsigned px)
{
	if (is_end)
		return;
	height_add(count, height_number(tag, STR("margin"), px) * 3 / 2);
	height_add(count, height_number(tag, STR("padding"), 0) * 2);
}

static void
height_tag(
    struct height_count *count, struct str name, struct str tag, bool is_end)
{
	static const char *const blocks[] = {"div", "li", "table", "section",
	    "article", "header", "footer", "center", "dd", "dt", "form", NULL};
	static const char *const spaced[] = {
	    "p", "ul", "ol", "dl", "blockquote", "pre", "hr", "figure", NULL};
	static const char *const headings[] = {
	    "h1", "h2", "h3", "h4", "h5", "h6", NULL};

	if (str_eq_nocase(name, STR("br"))) {
		height_break(count, true);
	} else if (str_eq_nocase(name, STR("img"))) {
		height_image(count, tag);
	} else if (height_is(name, headings)) {
		height_break(count, false);
		height_gap(count, tag, is_end, HEIGHT_HEADING_PX);
	} else if (height_is(name, spaced)) {
		height_break(count, false);
		height_gap(count, tag, is_end, HEIGHT_GAP_PX);
	} else if (height_is(name, blocks)) {
		height_break(count, false);
		height_gap(count, tag, is_end, 0);
	}
}

static void
height_markup(struct height_count *count, struct scan *scan)
{
	bool is_end;
	struct str name;
	struct str tag;

	if (scan_str(scan, STR("<!--"))) {
		struct str rest = scan_rest(scan);

		(void)scan_take(scan, str_find_nocase(rest, STR("-->"), 0));
		(void)scan_str(scan, STR("-->"));
		return;
	}
	(void)scan_next(scan);
	is_end = scan_byte(scan, '/');
	name = scan_until(scan, " \t\r\n/>");
	tag = scan_until_byte(scan, '>');
	(void)scan_next(scan);
	if (!is_end && height_skips(scan, name))
		return;
	if (str_eq_nocase(name, STR("tr")) || str_eq_nocase(name, STR("td")) ||
	    str_eq_nocase(name, STR("th"))) {
		if (is_end)
			height_cell(count, name);
		else
			height_add(
			    count, height_number(tag, STR("padding"), 0) * 2);
		return;
	}
	height_tag(count, name, tag, is_end);
}

/* Words with single blanks between them; "&nbsp;" and the like are one. */
static void
height_words(struct height_count *count, struct str words)
{
	bool in_word = false;
	bool in_entity = false;

	for (size_t i = 0; i < words.len; i++) {
		unsigned char byte = (unsigned char)words.ptr[i];
		bool is_blank = byte <= ' ';

		if (byte == '&' || byte == ';' || is_blank)
			in_entity = byte == '&';
		else if (in_entity)
			continue;
		/* Of a letter of several bytes the first counts; Chinese and
		   Japanese ones are wide. */
		if (is_blank ? in_word : (byte & 0xc0u) != 0x80u)
			count->chars += byte >= 0xe3u ? 2 : 1;
		in_word = !is_blank;
	}
}

struct html_height
html_height_of(struct str html, bool has_remote)
{
	struct height_count count = {.has_remote = has_remote};
	struct scan scan = scan_of(html);

	while (!scan_end(&scan)) {
		height_words(&count, scan_until_byte(&scan, '<'));
		if (!scan_end(&scan))
			height_markup(&count, &scan);
		/* Higher than any step: no need to look further. */
		if (count.wide_px > 2 * height_steps[HTML_HEIGHT_STEPS - 2])
			break;
	}
	height_cell(&count, STR("tr"));
	return (struct html_height){
	    .wide = height_step(count.wide_px + HEIGHT_ROOM_PX),
	    .narrow = height_step(count.narrow_px + HEIGHT_ROOM_PX)};
}
