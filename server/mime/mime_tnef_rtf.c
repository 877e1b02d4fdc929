/* "Compressed RTF" (MS-OXRTFCP): LZ77 with a window that is filled before. */
#include "base/buf.h"
#include "base/scan.h"
#include "mime/mime_tnef.h"

#define RTF_WINDOW 4096u
#define RTF_LZFU   0x75465a4cu
#define RTF_MELA   0x414c454du

static const char rtf_start[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman "
    "\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New "
    "RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct rtf {
	char window[RTF_WINDOW];
	size_t at;
	struct buf out;
};

static void
rtf_put(struct rtf *rtf, char byte)
{
	rtf->window[rtf->at] = byte;
	rtf->at = (rtf->at + 1) % RTF_WINDOW;
	buf_add_byte(&rtf->out, byte);
}

/* False at the end: a reference to the place that is written next. */
static bool
rtf_copy(struct rtf *rtf, struct scan *scan)
{
	struct str pair = scan_take(scan, 2);
	uint32_t word;
	size_t from;

	if (pair.len < 2)
		return false;
	word = (uint32_t)(unsigned char)pair.ptr[0] << 8 |
	       (unsigned char)pair.ptr[1];
	from = word >> 4;
	if (from == rtf->at)
		return false;
	for (size_t i = 0; i < (word & 0xfu) + 2; i++)
		rtf_put(rtf, rtf->window[(from + i) % RTF_WINDOW]);
	return true;
}

static uint32_t
rtf_number(struct scan *scan)
{
	struct str piece = scan_take(scan, 4);
	uint32_t number = 0;

	for (size_t i = piece.len; i > 0; i--)
		number = number << 8 | (unsigned char)piece.ptr[i - 1];
	return number;
}

/* Eight pieces: single bytes, or references back. False at the end. */
static bool
rtf_run(struct rtf *rtf, struct scan *scan)
{
	unsigned control = (unsigned)scan_next(scan);

	for (unsigned bit = 0; bit < 8; bit++) {
		if (scan_end(scan))
			return false;
		if ((control >> bit & 1u) == 0)
			rtf_put(rtf, (char)scan_next(scan));
		else if (!rtf_copy(rtf, scan))
			return false;
	}
	return rtf->out.failed == ERR_OK;
}

struct str
tnef_rtf(struct arena *arena, struct str compressed, size_t max_bytes)
{
	struct scan scan = scan_of(compressed);
	struct rtf *rtf = ARENA_NEW(arena, struct rtf);
	uint32_t kind;

	(void)scan_take(&scan, 8); /* lengths */
	kind = rtf_number(&scan);
	(void)scan_take(&scan, 4); /* a checksum */
	if (rtf == NULL || scan_end(&scan))
		return (struct str){0};
	if (kind == RTF_MELA)
		return str_slice(scan_rest(&scan), 0, max_bytes);
	if (kind != RTF_LZFU)
		return (struct str){0};
	memcpy(rtf->window, rtf_start, sizeof(rtf_start) - 1);
	rtf->at = sizeof(rtf_start) - 1;
	buf_init_arena(&rtf->out, arena, max_bytes);
	while (!scan_end(&scan) && rtf_run(rtf, &scan))
		continue;
	return rtf->out.failed == ERR_OK ? buf_str(&rtf->out) : (struct str){0};
}
