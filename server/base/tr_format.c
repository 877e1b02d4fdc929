/* printf's formats: what they take, so that a translation takes the same. */
#include "base/scan.h"
#include "base/tr_words.h"

#define TR_ARGS 9u

struct tr_args {
	uint16_t kinds[TR_ARGS]; /* 0: not taken */
	size_t count;            /* taken in a row, without positions */
	bool has_places;         /* "%2$s" */
	bool is_format;
};

static void
tr_arg(struct tr_args *args, uint64_t place, uint16_t kind)
{
	if (place > 0)
		args->has_places = true;
	else
		place = ++args->count;
	if (place > TR_ARGS ||
	    (args->kinds[place - 1] != 0 && args->kinds[place - 1] != kind)) {
		args->is_format = false;
		return;
	}
	args->kinds[place - 1] = kind;
}

/* "2$", or nothing: 0. */
static uint64_t
tr_place(struct scan *scan)
{
	struct scan ahead = *scan;
	uint64_t place = 0;

	if (!scan_u64(&ahead, TR_ARGS, &place) || !scan_byte(&ahead, '$'))
		return 0;
	*scan = ahead;
	return place;
}

/* A width or precision; '*' takes an int. */
static void
tr_width(struct scan *scan, struct tr_args *args)
{
	if (scan_byte(scan, '*'))
		tr_arg(args, tr_place(scan), 'd');
	else
		(void)scan_while(scan, "0123456789");
}

static void
tr_directive(struct scan *scan, struct tr_args *args)
{
	uint64_t place = 0;
	uint16_t kind = 0;
	struct str length;
	int letter;

	if (scan_byte(scan, '%'))
		return;
	place = tr_place(scan);
	(void)scan_while(scan, "-+ #0'");
	tr_width(scan, args);
	if (scan_byte(scan, '.'))
		tr_width(scan, args);
	length = scan_while(scan, "hlzjt");
	letter = scan_next(scan);
	if (letter < 0 || strchr("diuxXcsgfp", letter) == NULL ||
	    length.len > 2) {
		args->is_format = false;
		return;
	}
	for (size_t i = 0; i < length.len; i++)
		kind = (uint16_t)(kind * 8 + (uint16_t)(length.ptr[i] & 7) + 1);
	/* Signs and hex are told apart too: a format is kept as it was. */
	tr_arg(args, place, (uint16_t)(kind * 128 + (letter & 127)));
}

static struct tr_args
tr_args_of(struct str format)
{
	struct tr_args args = {.is_format = true};
	struct scan scan = scan_of(format);

	while (args.is_format) {
		(void)scan_until_byte(&scan, '%');
		if (!scan_byte(&scan, '%'))
			break;
		tr_directive(&scan, &args);
	}
	if (args.has_places && args.count > 0)
		args.is_format = false;
	return args;
}

bool
tr_format_fits(struct str english, struct str translation)
{
	struct tr_args ours = tr_args_of(english);
	struct tr_args theirs = tr_args_of(translation);

	/* Words with a % that is none of printf's are no format. */
	if (!ours.is_format)
		return true;
	return theirs.is_format &&
	       memcmp(ours.kinds, theirs.kinds, sizeof(ours.kinds)) == 0;
}

bool
tr_format_takes_none(struct str words)
{
	static const uint16_t none[TR_ARGS] = {0};
	struct tr_args args = tr_args_of(words);

	return args.is_format && memcmp(args.kinds, none, sizeof(none)) == 0;
}
