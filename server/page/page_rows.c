#include "page/page_rows.h"

#include "base/tr_words.h"
#include "mail/mail_kept.h"
#include "os/clock.h"
#include "page/page_folder.h"
#include "page/page_message.h"
#include "page/page_time.h"

#define ROWS_MAX_BYTES ((size_t)512 << 10) /* of one page */
#define ROW_KEY_BYTES  ((size_t)64 << 10)
/* A row that is not where it was expected may stand this far behind. */
#define ROWS_LOOK ((size_t)8)

struct page_row_was {
	struct str key, html;
};
struct page_row_is {
	struct str key;
	struct html ready; /* it was kept */
	struct view_made made;
};

/* ---- what is the same for all rows ---- */
/* "14:05", "Mon 14:05" and so on: all change at midnight. */
static int64_t
rows_today(struct request *req)
{
	int64_t now_s = clock_now_s();

	return (now_s + 60 * (int64_t)page_time_offset_minutes(req, now_s)) /
	       86400;
}

static struct str
rows_icons(struct request *req)
{
	return static_set_address(app_site_of(req)->statics, STR("icons.svg"));
}

static struct str
rows_name(struct request *req, const struct list_query *query, bool outgoing)
{
	const struct app_site *site = app_site_of(req);
	const struct tr_words *words = tr_used();
	const struct mail_id none = {.folder = query->mail.folder};
	struct str zone = page_time_chosen(req);

	return str_printf(req->arena,
	    "rows %llu %s %d%d%d "
	    "%lld\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s",
	    (unsigned long long)tmpl_set_number(site->templates),
	    words == NULL ? "" : words->code, outgoing, query->is_threads,
	    query->mail.with_previews, (long long)rows_today(req),
	    STR_ARG(rows_icons(req)), STR_ARG(zone),
	    STR_ARG(req->site->time_zone), STR_ARG(page_own_address(req).s),
	    STR_ARG(place_message_url(req, query, 0, &none).s),
	    STR_ARG(list_query_url(req, query).s),
	    STR_ARG(page_folder_prefs_labels(req)));
}

/* ---- what was kept ---- */
struct row_head {
	size_t key_bytes, html_bytes;
};

static void
rows_take(struct page_rows *rows, struct str kept, size_t room)
{
	struct row_head head;

	rows->was = ARENA_ARRAY(rows->req->arena, room, struct page_row_was);
	while (rows->was != NULL && rows->was_count < room &&
	       kept.len >= sizeof(head)) {
		struct page_row_was *row = &rows->was[rows->was_count++];

		memcpy(&head, kept.ptr, sizeof(head));
		kept = str_slice(kept, sizeof(head), kept.len);
		row->key = str_slice(kept, 0, head.key_bytes);
		kept = str_slice(kept, head.key_bytes, kept.len);
		row->html = str_slice(kept, 0, head.html_bytes);
		kept = str_slice(kept, head.html_bytes, kept.len);
	}
}

void
page_rows_begin(struct page_rows *rows, struct request *req,
    const struct list_query *query, uint32_t uid_validity, bool outgoing,
    size_t room)
{
	struct mail mail;
	struct str kept;

	if (rows == NULL || room == 0)
		return;
	*rows = (struct page_rows){.req = req,
	    .id = {query->mail.folder, 0, uid_validity},
	    .name = rows_name(req, query, outgoing),
	    .is = ARENA_ARRAY(req->arena, room, struct page_row_is),
	    .is_room = room};
	if (rows->name.ptr == NULL || rows->is == NULL) {
		*rows = (struct page_rows){0};
		return;
	}
	buf_init_arena(&rows->key, req->arena, ROW_KEY_BYTES);
	mail = page_mail(req);
	if (mail_kept_find(&mail, &rows->id, rows->name, &kept))
		rows_take(rows, kept, room);
}

/* ---- rows ---- */
static bool
rows_are_begun(const struct page_rows *rows)
{
	return rows != NULL && rows->req != NULL;
}

void
page_rows_key(struct page_rows *rows, const uint64_t *numbers, size_t count)
{
	if (rows_are_begun(rows))
		buf_add(&rows->key,
		    str_of((const char *)numbers, count * sizeof(*numbers)));
}

void
page_rows_key_row(struct page_rows *rows, const struct mail_row *row)
{
	const struct str texts[] = {row->keywords, row->from.name.s,
	    row->from.address.s, row->to.name.s, row->to.address.s,
	    row->subject.s, row->preview.s};
	enum {
		TEXTS = sizeof(texts) / sizeof(texts[0]),
		NUMBERS = 7
	};
	uint64_t numbers[NUMBERS + TEXTS] = {row->uid, row->flags,
	    (uint64_t)row->date_s, (uint64_t)row->arrived_s, row->bytes,
	    row->has_attachment, row->has_preview};

	if (!rows_are_begun(rows))
		return;
	for (size_t i = 0; i < TEXTS; i++)
		numbers[NUMBERS + i] = texts[i].len;
	page_rows_key(rows, numbers, NUMBERS + TEXTS);
	for (size_t i = 0; i < TEXTS; i++)
		buf_add(&rows->key, texts[i]);
}

static struct html
rows_find(struct page_rows *rows, struct str key)
{
	size_t end = rows->next + ROWS_LOOK;

	for (size_t i = rows->next; i < rows->was_count && i < end; i++) {
		if (!str_eq(rows->was[i].key, key))
			continue;
		rows->next = i + 1;
		return (struct html){rows->was[i].html};
	}
	return (struct html){{NULL, 0}};
}

/* What stands in some rows only: a name without a value is looked for on the
 * whole page, and could be found there another time. */
static struct view *
rows_round(
    struct page_rows *rows, struct view_list *list, struct view_made *made)
{
	struct view *view = view_list_add_noted(list, made);

	view_set_url(view, "sprite_url",
	    view_url_own(rows->req->arena, rows_icons(rows->req)));
	view_bool(view, "is_thread", false);
	view_bool(view, "is_member", false);
	view_bool(view, "has_key", false);
	(void)view_list(view, "labels");
	return view;
}

struct view *
page_rows_add(struct page_rows *rows, struct view_list *list)
{
	struct page_row_is *row;

	if (!rows_are_begun(rows) || rows->is_count == rows->is_room ||
	    rows->key.failed != ERR_OK)
		return view_list_add(list);
	row = &rows->is[rows->is_count++];
	row->key = str_dup(rows->req->arena, buf_str(&rows->key));
	buf_clear(&rows->key);
	row->ready = rows_find(rows, row->key);
	if (row->ready.s.ptr == NULL)
		return rows_round(rows, list, &row->made);
	rows->ready_count++;
	view_list_add_made(list, row->ready);
	return NULL;
}

/* ---- for the next time ---- */
static void
rows_write(struct buf *out, const struct page_row_is *row, struct str page)
{
	struct row_head head = {.key_bytes = row->key.len};
	struct str html = row->ready.s;

	if (html.ptr == NULL)
		html = str_slice(
		    page, row->made.start, row->made.start + row->made.bytes);
	head.html_bytes = html.len;
	buf_add(out, str_of((const char *)&head, sizeof(head)));
	buf_add(out, row->key);
	buf_add(out, html);
}

void
page_rows_keep(struct page_rows *rows, struct str page)
{
	bool is_new = false;
	struct mail mail;
	struct str bytes;
	struct buf out;

	if (!rows_are_begun(rows))
		return;
	for (size_t i = 0; i < rows->is_count; i++)
		is_new = is_new || rows->is[i].made.is_whole;
	if (!is_new)
		return;
	buf_init_arena(&out, rows->req->arena, ROWS_MAX_BYTES);
	for (size_t i = 0; i < rows->is_count; i++)
		if (rows->is[i].ready.s.ptr != NULL ||
		    rows->is[i].made.is_whole)
			rows_write(&out, &rows->is[i], page);
	mail = page_mail(rows->req);
	if (buf_end(&out, &bytes, NULL) == ERR_OK)
		mail_kept_put(&mail, &rows->id, rows->name, bytes);
}
