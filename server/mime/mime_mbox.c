#include <time.h>

#include "mime/mime_mbox.h"

static const char mbox_from[] = "From ";

#define MBOX_FROM_LEN (sizeof(mbox_from) - 1)

static void
mbox_flush(struct mime_mbox *mbox)
{
	if (mbox->len > 0 && !mbox->is_wrong &&
	    !mbox->sink(mbox->ctx, str_of(mbox->out, mbox->len)))
		mbox->is_wrong = true;
	mbox->len = 0;
}

static void
mbox_put(struct mime_mbox *mbox, char byte)
{
	if (mbox->len == sizeof(mbox->out))
		mbox_flush(mbox);
	mbox->out[mbox->len++] = byte;
}

static void
mbox_put_str(struct mime_mbox *mbox, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		mbox_put(mbox, s.ptr[i]);
}

/* What was held because it could have been "From ". */
static void
mbox_release(struct mime_mbox *mbox)
{
	size_t matched = mbox->matched;

	mbox->matched = 0;
	mbox->at_start = false;
	mbox_put_str(mbox, str_of(mbox_from, matched));
}

/* One byte, line ends made LF already. */
static void
mbox_byte(struct mime_mbox *mbox, char byte)
{
	if (mbox->at_start && byte == mbox_from[mbox->matched]) {
		if (++mbox->matched < MBOX_FROM_LEN)
			return;
		mbox_put(mbox, '>');
		mbox_release(mbox);
		return;
	}
	if (mbox->at_start && mbox->matched == 0 && byte == '>') {
		mbox_put(mbox, byte);
		return;
	}
	if (mbox->at_start)
		mbox_release(mbox);
	mbox_put(mbox, byte);
	if (byte == '\n')
		mbox->at_start = true;
}

void
mime_mbox_init(struct mime_mbox *mbox, mime_sink_fn *sink, void *ctx)
{
	memset(mbox, 0, sizeof(*mbox));
	mbox->sink = sink;
	mbox->ctx = ctx;
}

bool
mime_mbox_begin(struct mime_mbox *mbox, struct str sender, int64_t arrived_s)
{
	char date[32] = "Thu Jan  1 00:00:00 1970";
	time_t when = (time_t)arrived_s;
	struct tm utc;

	/* The form of asctime, always in UTC (RFC 4155, appendix A). */
	if (gmtime_r(&when, &utc) != NULL)
		(void)strftime(
		    date, sizeof(date), "%a %b %e %H:%M:%S %Y", &utc);
	mbox_put_str(mbox, STR("From "));
	mbox_put_str(mbox,
	    sender.len > 0 && str_find_byte(sender, ' ', 0) == sender.len &&
	            !str_has_line_break(sender)
	        ? sender
	        : STR("MAILER-DAEMON"));
	mbox_put(mbox, ' ');
	mbox_put_str(mbox, str_c(date));
	mbox_put(mbox, '\n');
	mbox->at_start = true;
	mbox->matched = 0;
	mbox->has_cr = false;
	return !mbox->is_wrong;
}

bool
mime_mbox_write(void *ctx, struct str bytes)
{
	struct mime_mbox *mbox = ctx;

	for (size_t i = 0; i < bytes.len; i++) {
		bool is_end = bytes.ptr[i] == '\n';

		if (mbox->has_cr && !is_end)
			mbox_byte(mbox, '\r');
		mbox->has_cr = bytes.ptr[i] == '\r';
		if (!mbox->has_cr)
			mbox_byte(mbox, bytes.ptr[i]);
	}
	return !mbox->is_wrong;
}

bool
mime_mbox_end(struct mime_mbox *mbox)
{
	if (mbox->has_cr)
		mbox_byte(mbox, '\r');
	mbox->has_cr = false;
	if (mbox->matched > 0)
		mbox_release(mbox);
	if (!mbox->at_start)
		mbox_put(mbox, '\n');
	mbox_put(mbox, '\n');
	mbox_flush(mbox);
	return !mbox->is_wrong;
}
