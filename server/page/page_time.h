#ifndef PAGE_PAGE_TIME_H
#define PAGE_PAGE_TIME_H
/*
 * Times as the reader's wall clocks show them: in the time zone of their
 * settings, else TimeZone= of the ini file, else this machine's. It is found
 * once per request.
 */
#include "os/zone.h"
#include "page/page.h"

/* NULL: this machine's. */
const struct zone *page_time_zone(struct request *req);
int page_time_offset_minutes(struct request *req, int64_t unix_s);
/* "Saturday, 21 November 2026, 14:05" */
struct text page_time_long(struct request *req, int64_t unix_s);
/* For lists: "14:05" today, "Mon 14:05", "12 Mar", "12 Mar 2024". */
struct text page_time_short(struct request *req, int64_t unix_s);

/* ---- the setting --------------------------------------------------------- */
/* What is stored for "the server's, and do not ask again". */
#define PAGE_TIME_SERVER "server"
static const char page_time_pref[] = "time_zone";
/*
 * The person's choice, for who read it already: a zone's name or "server";
 * ptr NULL: none was made.
 */
void page_time_know(struct request *req, struct str chosen);
/* The same, told. */
struct str page_time_chosen(struct request *req);
/* The zone without a choice. NULL: this machine's. */
const struct zone *page_time_default(struct request *req);

/* Within page_time_*.c and the pages of the setting. */
/* The zones to choose from: "zone_groups", "server_zone", "own_zone". */
enum err_code page_time_view_choice(
    struct request *req, struct view *view, struct err *err) WARN_UNUSED;
/*
 * For who has not chosen: what static/app.js offers the browser's zone with
 * ("zone_offer"), when that has other times. `back`: where it comes back to.
 */
void page_time_view_offer(
    struct request *req, struct view *view, struct str back);
/* The choice of a form, field "time_zone"; empty: none. ERR_INPUT: unknown. */
enum err_code page_time_read(
    struct request *req, struct str *out, struct err *err) WARN_UNUSED;
enum err_code page_time_save(
    struct request *req, struct str chosen, struct err *err) WARN_UNUSED;
/* POST of the offer. */
enum err_code page_time_post(
    struct request *req, struct response *res, struct err *err) WARN_UNUSED;

#endif
