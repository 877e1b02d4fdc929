#include "base/tr.h"
#include "mime/mime_report.h"
#include "page/page_blocks.h"

/* ---- delivery ----------------------------------------------------------- */

/*
 * RFC 3463: the first number says whether it is for good, the others why.
 * What people can do about it stands in the words.
 */
const char *
blocks_status_words(const unsigned status[3])
{
	static const struct {
		unsigned subject, detail; /* detail 0: any other */
		const char *words;
	} words[] = {
	    {1, 1,
	        N_("There is no such mailbox: check how the address is "
	           "spelt.")},
	    {1, 2,
	        N_("There is no such mail domain: check what stands after "
	           "the @.")},
	    {1, 3, N_("The address is not written as an address can be.")},
	    {1, 6, N_("The mailbox has moved, and nobody said where to.")},
	    {1, 8, N_("Your own address was not accepted.")},
	    {1, 10, N_("The domain takes no mail at all.")},
	    {1, 0, N_("Something is wrong with the address.")},
	    {2, 1, N_("The mailbox is switched off and takes no messages.")},
	    {2, 2, N_("The mailbox is full.")},
	    {2, 3, N_("The message is larger than this mailbox takes.")},
	    {2, 4, N_("The mailing list could not be expanded.")},
	    {2, 0, N_("Something is wrong with the mailbox.")},
	    {3, 1, N_("The other mail server has no room left.")},
	    {3, 4,
	        N_("The message is larger than the other mail server takes.")},
	    {3, 0, N_("The other mail server cannot take messages now.")},
	    {4, 1, N_("The other mail server does not answer.")},
	    {4, 4, N_("No mail server was found for this domain.")},
	    {4, 6, N_("The message was sent round in circles.")},
	    {4, 7, N_("It took too long to deliver the message.")},
	    {4, 0, N_("The way to the other mail server did not work.")},
	    {5, 3,
	        N_("The message has more recipients than the other mail "
	           "server takes at once.")},
	    {5, 0, N_("The two mail servers did not understand each other.")},
	    {6, 0,
	        N_("The other mail server does not take this kind of message "
	           "or alphabet.")},
	    {7, 1,
	        N_("You are not allowed to write to this address, or the "
	           "message was taken for unwanted mail.")},
	    {7, 26, N_("The message did not pass the checks of who sent it.")},
	    {7, 0,
	        N_("The other mail server refused the message by its rules.")},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].subject == status[1] &&
		    (words[i].detail == status[2] || words[i].detail == 0))
			return words[i].words;
	}
	return NULL;
}

static void
delivery_view_one(struct blocks *in, struct view *row,
    const struct mime_report_recipient *one)
{
	bool is_bad =
	    one->action == MIME_ACTION_FAILED ||
	    one->action == MIME_ACTION_DELAYED ||
	    (one->action == MIME_ACTION_UNKNOWN && one->status[0] != 2);
	const char *words = is_bad ? blocks_status_words(one->status) : NULL;

	view_text(row, "recipient", one->address);
	view_bool(row, "is_delivered", one->action == MIME_ACTION_DELIVERED);
	view_bool(row, "is_relayed", one->action == MIME_ACTION_RELAYED);
	view_bool(row, "is_expanded", one->action == MIME_ACTION_EXPANDED);
	view_bool(row, "is_delayed",
	    one->action == MIME_ACTION_DELAYED ||
	        (one->action == MIME_ACTION_UNKNOWN && one->status[0] == 4));
	view_bool(row, "is_undelivered",
	    one->action == MIME_ACTION_FAILED ||
	        (one->action == MIME_ACTION_UNKNOWN && one->status[0] == 5));
	view_bool(row, "is_unclear",
	    one->action == MIME_ACTION_UNKNOWN && one->status[0] < 4);
	if (words != NULL)
		view_word(row, "status_words", tr(words));
	if (one->status[0] != 0)
		view_str(row, "status_code",
		    str_printf(in->req->arena, "%u.%u.%u", one->status[0],
		        one->status[1], one->status[2]));
	view_text(row, "diagnostic", one->diagnostic);
	view_text(row, "remote_server", one->server);
	if (one->retry_until_s != 0)
		view_text(row, "retry_until",
		    blocks_when(in->req, one->retry_until_s));
}

enum err_code
blocks_delivery(struct blocks *in, const struct mime_part *part)
{
	struct view *row = view_list_add(in->list);
	struct view_list *list = view_list(row, "recipients");
	struct mime_delivery delivery = {0};
	struct str bytes;
	enum err_code rc = blocks_bytes(in, part, BLOCKS_CARD_BYTES, &bytes);

	view_bool(row, "is_delivery", true);
	if (rc == ERR_OK)
		rc = mime_report_delivery(
		    bytes, in->req->arena, &delivery, in->err);
	if (rc != ERR_OK)
		return blocks_failed(in, row, rc);
	in->has_text = true;
	view_text(row, "reporter", delivery.reporter);
	view_bool(row, "is_report_cut", delivery.is_cut);
	view_bool(row, "is_report_empty", delivery.count == 0);
	for (size_t i = 0; i < delivery.count; i++)
		delivery_view_one(in, view_list_add(list), &delivery.list[i]);
	return ERR_OK;
}

/* ---- reading, complaints ------------------------------------------------ */

enum err_code
blocks_receipt(struct blocks *in, const struct mime_part *part)
{
	static const char *const names[] = {
	    [MIME_RECEIPT_UNKNOWN] = "is_receipt_unclear",
	    [MIME_RECEIPT_DISPLAYED] = "is_displayed",
	    [MIME_RECEIPT_DELETED] = "is_deleted_unread",
	    [MIME_RECEIPT_DISPATCHED] = "is_dispatched",
	    [MIME_RECEIPT_PROCESSED] = "is_processed",
	    [MIME_RECEIPT_DENIED] = "is_denied",
	    [MIME_RECEIPT_FAILED] = "is_receipt_failed"};
	struct view *row = view_list_add(in->list);
	struct mime_receipt receipt = {0};
	struct str bytes;
	enum err_code rc = blocks_bytes(in, part, BLOCKS_CARD_BYTES, &bytes);

	view_bool(row, "is_receipt", true);
	if (rc == ERR_OK)
		rc = mime_report_receipt(
		    bytes, in->req->arena, &receipt, in->err);
	if (rc != ERR_OK)
		return blocks_failed(in, row, rc);
	in->has_text = true;
	view_text(row, "recipient", receipt.recipient);
	view_bool(row, names[receipt.kind], true);
	view_bool(row, "is_automatic", receipt.is_automatic);
	view_text(row, "receipt_error", receipt.error);
	return ERR_OK;
}

enum err_code
blocks_feedback(struct blocks *in, const struct mime_part *part)
{
	struct view *row = view_list_add(in->list);
	struct mime_feedback feedback = {0};
	struct str bytes;
	enum err_code rc = blocks_bytes(in, part, BLOCKS_CARD_BYTES, &bytes);

	view_bool(row, "is_feedback", true);
	if (rc == ERR_OK)
		rc = mime_report_feedback(
		    bytes, in->req->arena, &feedback, in->err);
	if (rc != ERR_OK)
		return blocks_failed(in, row, rc);
	in->has_text = true;
	view_bool(row, "is_abuse",
	    str_eq_nocase(feedback.kind.s, STR("abuse")) ||
	        str_eq_nocase(feedback.kind.s, STR("fraud")));
	view_text(row, "feedback_kind", feedback.kind);
	view_text(row, "feedback_reporter", feedback.reporter);
	view_text(row, "feedback_sender", feedback.sender);
	view_text(row, "feedback_domain", feedback.domain);
	view_text(row, "feedback_ip", feedback.source_ip);
	return ERR_OK;
}

/* Of a message that came back, only its header. */
enum err_code
blocks_headers(struct blocks *in, const struct mime_part *part)
{
	struct arena *arena = in->req->arena;
	struct view *row = view_list_add(in->list);
	struct mime_header header;
	struct str bytes;
	enum err_code rc = blocks_bytes(in, part, BLOCKS_CARD_BYTES, &bytes);

	view_bool(row, "is_headers", true);
	if (rc == ERR_OK)
		rc = mime_parse_header(bytes, arena, &header, in->err);
	if (rc != ERR_OK)
		return blocks_failed(in, row, rc);
	view_text(row, "inner_subject", header.subject);
	view_bool(row, "has_inner_subject", !text_is_empty(header.subject));
	view_text(row, "inner_from", blocks_people(arena, &header.from));
	view_text(row, "inner_to", blocks_people(arena, &header.to));
	if (header.date_s != 0)
		view_text(
		    row, "inner_date", blocks_when(in->req, header.date_s));
	return ERR_OK;
}
