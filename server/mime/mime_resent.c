#include "mime/mime_resent.h"

#include "mime/mime_address.h"
#include "mime/mime_build_body.h"
#include "mime/mime_build_head.h"
#include "mime/mime_encode.h"
#include "mime/mime_private.h"
#include "mime/mime_seven.h"

/* ---- what both begin with ---- */

static enum err_code
check_people(const struct mime_address *from, const struct mime_addresses *to,
    struct err *err)
{
	bool is_good =
	    mime_address_is_sendable(from->address.s) && to->count > 0;

	for (size_t i = 0; i < to->count; i++)
		is_good =
		    is_good && mime_address_is_sendable(to->list[i].address.s);
	return is_good ? ERR_OK
	               : err_set(err, ERR_INPUT,
	                     "There is an address that mail cannot be sent to.",
	                     "mime: resent");
}

static struct mime_out *
out_new(int fd, uint64_t max_bytes, struct err *err)
{
	struct mime_out *out = malloc(sizeof(*out));

	if (out == NULL) {
		err_ignore(err_set(err, ERR_NO_MEMORY, NULL, "mime: resent"));
		return NULL;
	}
	mime_out_init(out, fd, max_bytes, err);
	out->is_lasting = true;
	return out;
}

static enum err_code
out_close(struct mime_out *out, struct mime_built *built)
{
	enum err_code rc = mime_out_end(out, &built->bytes);

	built->is_8bit = out->is_8bit;
	built->needs_utf8 = out->needs_utf8;
	free(out);
	return rc;
}

/* ---- sent on ---- */

/* Lines as servers take them. */
struct passage {
	struct mime_out *out;
	struct mime_seven *seven; /* in between; or NULL */
	char last;                /* of what went out */
};

static void
pass(struct passage *passage, struct str bytes)
{
	if (passage->seven != NULL)
		mime_seven_add(passage->seven, bytes);
	else
		mime_out_add(passage->out, bytes);
}

static void
add_clean(struct passage *passage, struct str piece)
{
	size_t from = 0;

	for (size_t i = 0; i < piece.len; i++) {
		char c = piece.ptr[i];

		if ((unsigned char)c >= 0x80 && passage->seven == NULL)
			passage->out->is_8bit = true;
		/* Behind a CR the line has its end already. */
		if (c == '\r' || c == '\n' || c == '\0') {
			pass(passage, str_slice(piece, from, i));
			from = i + 1;
		}
		if (c == '\r' || (c == '\n' && passage->last != '\r'))
			pass(passage, STR("\r\n"));
		passage->last = c;
	}
	pass(passage, str_slice(piece, from, piece.len));
}

static bool
passage_sink(void *ctx, struct str bytes)
{
	struct passage *passage = ctx;

	add_clean(passage, bytes);
	return passage->out->failed == ERR_OK;
}

static void
add_resent_head(struct mime_out *out, const struct mime_resent *resent)
{
	mime_head_date(out, "Resent-Date", resent->date_s);
	mime_head_addresses(out, false, "Resent-From", &resent->from, 1);
	mime_head_addresses(
	    out, false, "Resent-To", resent->to.list, resent->to.count);
	mime_head_ids(out, "Resent-Message-ID", resent->message_id);
}

static enum err_code
add_original(
    struct passage *passage, const struct mime_resent *resent, struct err *err)
{
	struct mime_private kept;
	enum err_code rc;

	mime_private_init(&kept, passage_sink, passage);
	rc = resent->stream(resent->ctx, mime_private_sink, &kept, err);
	(void)mime_private_end(&kept);
	if (passage->last != '\n' && passage->last != '\r')
		pass(passage, STR("\r\n"));
	if (passage->seven != NULL && rc == ERR_OK)
		rc = mime_seven_end(passage->seven, err);
	return rc;
}

enum err_code
mime_resent(const struct mime_resent *resent, int fd, uint64_t max_bytes,
    struct mime_built *out, struct err *err)
{
	struct passage passage = {.last = '\n'};
	enum err_code rc = check_people(&resent->from, &resent->to, err);
	enum err_code end;

	*out = (struct mime_built){0};
	if (rc != ERR_OK)
		return rc;
	passage.out = out_new(fd, max_bytes, err);
	if (passage.out == NULL)
		return ERR_NO_MEMORY;
	add_resent_head(passage.out, resent);
	if (resent->is_7bit_only)
		passage.seven = mime_seven_new(passage.out);
	if (resent->is_7bit_only && passage.seven == NULL)
		rc = err_set(err, ERR_NO_MEMORY, NULL, "mime: resent");
	else
		rc = add_original(&passage, resent, err);
	mime_seven_free(passage.seven);
	/* Too large comes first: it is why the stream was stopped. */
	end = out_close(passage.out, out);
	return end != ERR_OK ? end : rc;
}

/* ---- read ---- */

static void
add_report(struct mime_out *out, const struct mime_receipt_answer *answer)
{
	mime_out_add(
	    out, STR("Content-Type: message/disposition-notification\r\n"
	             "Content-Disposition: inline\r\n\r\n"));
	mime_head_word(out, "Reporting-UA", STR("iwebmsg"));
	/* RFC 6533, 3: its own type for letters beyond ASCII. */
	mime_encode_field(out, "Final-Recipient");
	mime_encode_token(
	    out, out->needs_utf8 ? STR("utf-8;") : STR("rfc822;"));
	mime_encode_token(out, answer->from.address.s);
	mime_encode_end(out);
	mime_head_ids(out, "Original-Message-ID", answer->original_id);
	mime_head_word(out, "Disposition",
	    STR("manual-action/MDN-sent-manually; displayed"));
}

static void
add_answer(struct mime_out *out, const struct mime_receipt_answer *answer)
{
	/* None of ours is in it: all but the report is encoded. */
	static const char boundary[] = "=_iwebmsg_receipt_=";
	struct str rest = answer->words.s;

	mime_out_add(
	    out, STR("MIME-Version: 1.0\r\nContent-Type: multipart/report;\r\n "
	             "report-type=disposition-notification;\r\n boundary=\""));
	mime_out_add_c(out, boundary);
	mime_out_add(out, STR("\"\r\n\r\n--"));
	mime_out_add_c(out, boundary);
	mime_out_add(
	    out, STR("\r\nContent-Type: text/plain; charset=utf-8\r\n"
	             "Content-Transfer-Encoding: quoted-printable\r\n\r\n"));
	while (rest.len > 0)
		mime_encode_qp_line(out, str_cut(&rest, '\n'));
	mime_out_add(out, STR("\r\n--"));
	mime_out_add_c(out, boundary);
	mime_out_add(out, STR("\r\n"));
	add_report(out, answer);
	mime_out_add(out, STR("\r\n--"));
	mime_out_add_c(out, boundary);
	mime_out_add(out, STR("--\r\n"));
}

enum err_code
mime_receipt_answer(const struct mime_receipt_answer *answer, int fd,
    uint64_t max_bytes, struct mime_built *out, struct err *err)
{
	struct mime_out *bytes = NULL;
	enum err_code rc = check_people(&answer->from, &answer->to, err);

	*out = (struct mime_built){0};
	if (rc != ERR_OK)
		return rc;
	bytes = out_new(fd, max_bytes, err);
	if (bytes == NULL)
		return ERR_NO_MEMORY;
	mime_head_date(bytes, "Date", answer->date_s);
	mime_head_addresses(bytes, false, "From", &answer->from, 1);
	mime_head_addresses(
	    bytes, false, "To", answer->to.list, answer->to.count);
	mime_head_line(bytes, "Subject", answer->subject);
	mime_head_ids(bytes, "Message-ID", answer->message_id);
	mime_head_ids(bytes, "In-Reply-To", answer->original_id);
	mime_head_ids(bytes, "References", answer->original_id);
	add_answer(bytes, answer);
	return out_close(bytes, out);
}
