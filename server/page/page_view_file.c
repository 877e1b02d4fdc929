#include "base/tr.h"
#include "page/page_files.h"
#include "page/pages.h"

/* As text: the page stays far below LIMIT_PAGE_BYTES when all is escaped. */
#define VIEW_TEXT_BYTES ((size_t)1 << 20)

/*
 * A page of ours around a stranger's file: no script at all, not even ours;
 * its own origin only so that the browser sends the cookie for the sound.
 */
static const char view_csp[] =
    "sandbox allow-same-origin allow-downloads allow-popups; "
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static void
view_headers(struct request *req, struct response *res)
{
	response_replace_header(
	    res, "Content-Security-Policy", str_c(view_csp));
	/* A sandboxed page may not ask for isolation (HTML, 7.1.3). */
	if (req->is_secure)
		response_replace_header(
		    res, "Cross-Origin-Opener-Policy", STR("unsafe-none"));
}

/* A text file, or the beginning of it, in its own charset. */
static enum err_code
view_text_file(struct request *req, const struct page_file *file,
    struct view *view, struct err *err)
{
	struct str label = file->has_inner ? STR("") : file->part->charset.s;
	struct str bytes = {NULL, 0};
	struct text text;
	enum err_code rc =
	    page_file_first(req, file, VIEW_TEXT_BYTES + 1, &bytes, err);

	if (rc != ERR_OK)
		return rc;
	view_bool(view, "is_cut", bytes.len > VIEW_TEXT_BYTES);
	text = mime_decode_charset(
	    req->arena, label, str_slice(bytes, 0, VIEW_TEXT_BYTES));
	view_bool(view, "is_text", true);
	view_bool(view, "is_empty", text_is_empty(text));
	view_text(view, "text", text);
	view_text(view, "shown_size", view_size(req->arena, VIEW_TEXT_BYTES));
	return ERR_OK;
}

static enum err_code
view_bundle(struct request *req, const struct page_file *file,
    struct view *view, struct err *err)
{
	struct view_list *list = view_list(view, "attachments");
	struct mail mail = page_mail(req);
	struct page_bundle bundle;
	enum err_code rc = page_file_bundle(req, &file->id, file->part,
	    mail_limits(&mail).parse_bytes, &bundle, err);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < bundle.inners.count; i++) {
		struct page_file inner =
		    page_file_of_inner(req->arena, &file->id, &bundle, i);

		page_files_view_row(req, &inner, view_list_add(list));
	}
	view_bool(view, "is_bundle", true);
	view_bool(view, "has_attachments", bundle.inners.count > 0);
	view_bool(view, "is_broken", bundle.inners.is_broken);
	return ERR_OK;
}

static enum err_code
view_file(struct request *req, const struct page_file *file, struct view *view,
    struct err *err)
{
	enum mime_show show = file->type->show;

	view_bool(view, "is_audio", show == MIME_SHOW_AUDIO);
	view_bool(view, "is_video", show == MIME_SHOW_VIDEO);
	view_bool(view, "is_image", show == MIME_SHOW_IMAGE);
	view_set_url(
	    view, "inline_url", page_file_url(req, "/part", file, true));
	if (show == MIME_SHOW_TEXT)
		return view_text_file(req, file, view, err);
	if (show == MIME_SHOW_NOT && !file->has_inner &&
	    mime_inner_is_likely(file->part))
		return view_bundle(req, file, view, err);
	if (show == MIME_SHOW_NOT || show == MIME_SHOW_PDF)
		return err_set(err, ERR_NOT_FOUND,
		    "This kind of file is not shown here. Please download it.",
		    NULL);
	return ERR_OK;
}

enum err_code
page_view_file(struct request *req, struct response *res, struct err *err)
{
	struct page_file file = {0};
	struct view *view = NULL;
	enum err_code rc = page_file_find(req, &file, err);

	if (rc == ERR_OK)
		rc =
		    page_view(req, res, page_title(req, file.name), &view, err);
	if (rc == ERR_OK)
		rc = view_file(req, &file, view, err);
	if (rc != ERR_OK)
		return rc;
	view_text(view, "file_name", file.name);
	view_word(view, "file_kind", tr(file.type->words));
	view_text(view, "file_size", view_size(req->arena, file.bytes));
	view_set_url(
	    view, "download_url", page_file_url(req, "/part", &file, false));
	view_set_url(view, "message_url",
	    page_message_url(req->arena, "/message", &file.id));
	view_headers(req, res);
	return page_send(req, res, "viewer.html", view, err);
}
