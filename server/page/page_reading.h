#ifndef PAGE_PAGE_READING_H
#define PAGE_PAGE_READING_H
/*
 * A message on its page, put together from rooms of its own: header and
 * notices (page_message.c), what is read (page_blocks.c), files
 * (page_files.c), the rest of the conversation (page_around.c). The frame of
 * formatted text is page_body.c.
 */
#include "page/page.h"

/* How a person wants this message shown: of the query, else the settings. */
struct page_show {
	bool prefer_plain;
	bool is_chosen; /* by the query: "show" */
	bool remote;    /* remote images, this time or always for this sender */
	bool is_sender_trusted; /* always */
	bool is_print;
	struct str charset; /* a WHATWG label, checked; empty: as labelled */
};

/*
 * From the query ("show", "remote", "charset", "print") and the
 * settings; trust by the first From of `message`.
 */
enum err_code page_show_read(struct request *req,
    const struct page_prefs *prefs, const struct mail_message *message,
    struct page_show *out, struct err *err) WARN_UNUSED;
/*
 * The same message on `path`, shown as `show` says, but for `name` (NULL:
 * nothing else); `value` with ptr NULL leaves `name` out. For "remote" any
 * value stands for the token of page_remote.h.
 */
struct view_url page_show_url(struct request *req, const char *path,
    const struct mail_id *id, const struct page_show *show, const char *name,
    struct str value);

/* The message that a page shows, with everything its rooms need. */
struct page_reading {
	struct mail_id id;
	struct mail_message message;
	struct mail_folders folders;
	struct page_prefs prefs;
	struct page_show show;
};

/* Of a message (or part of one) with this choice: is the HTML shown? */
bool page_shows_html(
    const struct page_reading *reading, const struct mime_choice *choice);
/*
 * What is read: asks for the texts and fills "blocks" of the view for
 * {{> blocks}}: texts, frames, cards, reports, notices about signatures and
 * encryption, and attached messages as a tree. `section`: of an attached
 * message (message/rfc822) that is shown alone, or empty.
 */
enum err_code page_blocks(struct request *req,
    const struct page_reading *reading, struct str section, struct view *view,
    struct err *err) WARN_UNUSED;
/*
 * Address of the frame for the HTML part `part`: /body?…&part=, and whether
 * it is shown with remote images, and in which charset.
 */
struct view_url page_frame_url(struct request *req,
    const struct page_reading *reading, const struct mime_part *part);

/*
 * The files: fills "attachments" and what belongs to it for
 * {{> attachments}}, with those inside winmail.dat and uuencoded texts.
 * `section` as above.
 */
enum err_code page_files(struct request *req,
    const struct page_reading *reading, struct str section, struct view *view,
    struct err *err) WARN_UNUSED;

/* Conversation and first-time sender, for {{> around}}. */
enum err_code page_around(struct request *req,
    const struct page_reading *reading, struct view *view,
    struct err *err) WARN_UNUSED;

#endif
