#include "mime/mime_enriched.h"

#include "base/buf.h"
#include "base/scan.h"

struct enriched {
	struct buf out;
	unsigned params; /* open <param>s: what is in there is no text */
	unsigned nofill; /* open <nofill>s: line breaks count */
};

static void
take_command(struct enriched *in, struct str command)
{
	bool is_end = str_starts(command, STR("/"));
	unsigned *open = NULL;

	if (is_end)
		command = str_slice(command, 1, command.len);
	if (str_eq_nocase(command, STR("param")))
		open = &in->params;
	else if (str_eq_nocase(command, STR("nofill")))
		open = &in->nofill;
	else if (str_eq_nocase(command, STR("nl")))
		buf_add_byte(&in->out, '\n');
	if (open != NULL && !is_end)
		(*open)++;
	else if (open != NULL && *open > 0)
		(*open)--;
}

/* One line break is a blank, of more the first does not count. */
static void
take_breaks(struct enriched *in, struct str breaks)
{
	size_t count = in->nofill > 0 ? breaks.len : breaks.len - 1;

	if (in->params > 0)
		return;
	if (count == 0)
		buf_add_byte(&in->out, ' ');
	for (; count > 0; count--)
		buf_add_byte(&in->out, '\n');
}

struct text
mime_enriched_to_text(struct arena *arena, struct text text)
{
	struct scan scan = scan_of(text.s);
	struct enriched in = {0};

	buf_init_arena(&in.out, arena, text.s.len + 1);
	while (!scan_end(&scan)) {
		struct str piece = scan_until(&scan, "<\n");

		if (in.params == 0)
			buf_add(&in.out, piece);
		if (scan_peek(&scan) == '\n') {
			take_breaks(&in, scan_while(&scan, "\n"));
		} else if (scan_byte(&scan, '<')) {
			if (scan_byte(&scan, '<')) {
				buf_add_byte(&in.out, '<');
				continue;
			}
			take_command(&in, scan_until_byte(&scan, '>'));
			(void)scan_byte(&scan, '>');
		}
	}
	if (in.out.failed != ERR_OK)
		return text;
	return (struct text){buf_str(&in.out)};
}
