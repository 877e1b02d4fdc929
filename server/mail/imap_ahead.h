#ifndef MAIL_IMAP_AHEAD_H
#define MAIL_IMAP_AHEAD_H
/*
 * The rest of a large part, read ahead by a thread of its own while the
 * browser takes what came before; for this room only.
 *
 * A server goes through a part from its beginning for every piece that is
 * asked for: so pieces become larger while the browser keeps up, up to all
 * that is left. One that does not holds no connection: the piece is given up
 * after a second, and from then on only as much is asked for as memory takes.
 */
#include "mail/imap_part.h"

/*
 * From call->offset to call->end, or the part's end. False in *out_started:
 * no thread could be had, and nothing was done. Else as imap_part_rest.
 */
enum err_code imap_ahead_run(struct imap_part *call, mime_sink_fn *sink,
    void *ctx, bool *out_started, bool *out_is_stopped,
    struct err *err) WARN_UNUSED;

#endif
