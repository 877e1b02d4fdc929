#include "page/page_part.h"
#include "page/pages.h"

/*
 * A message as it came: as text, where nothing of it can be anything but
 * letters, or as a file that mail programs open. `part`: an attached message.
 */
static enum err_code
source_find(struct request *req, struct page_file *out, struct err *err)
{
	struct str section = request_query(req, "part");
	struct mail mail = page_mail(req);
	struct mail_message message;
	const struct mime_part *part;
	struct mail_id id;
	enum err_code rc = page_message_id(req, &id, err);

	if (rc == ERR_OK)
		rc = mail_message(&mail, &id, 0, &message, NULL, err);
	if (rc != ERR_OK)
		return rc;
	id.uid_validity = message.uid_validity;
	if (section.len == 0) {
		*out = page_file_of_message(
		    req->arena, &id, NULL, &message.header);
		return ERR_OK;
	}
	part = mime_part_find(message.root, section);
	if (part == NULL || !str_eq(part->type, STR("message")))
		return err_set(err, ERR_NOT_FOUND,
		    "This message has no such message attached.", NULL);
	*out = page_file_of_message(req->arena, &id, part, part->message);
	return ERR_OK;
}

enum err_code
page_source(struct request *req, struct response *res, struct err *err)
{
	bool download = request_query(req, "download").len > 0;
	struct page_file file = {0};
	enum err_code rc = source_find(req, &file, err);

	if (rc != ERR_OK)
		return rc;
	return page_file_send(req, res, &file,
	    download ? PAGE_FILE_DOWNLOAD : PAGE_FILE_SOURCE, err);
}
