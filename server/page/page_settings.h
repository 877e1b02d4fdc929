#ifndef PAGE_PAGE_SETTINGS_H
#define PAGE_PAGE_SETTINGS_H
/* What the files of the settings share. */
#include "page/page.h"

/* What the form shows; settings.html. */
void settings_view(
    struct request *req, const struct page_prefs *prefs, struct view *view);

/* The group whose button was pressed, or empty; `verb` of the form. */
struct str settings_group(struct str verb);
/* "saved" or "at_GROUP", and Undo, after `group` was saved. */
void settings_view_said(
    struct view *view, struct arena *arena, struct str group, struct str undo);

/*
 * Saves what differs from before, zone included (empty: no choice). *out_undo:
 * the name of what brings it back, or empty when nothing differed or it could
 * not be kept.
 */
enum err_code settings_save(struct request *req, const struct page_prefs *prefs,
    struct str zone, struct str *out_undo, struct err *err) WARN_UNUSED;
/*
 * Keeps bytes for an hour, for this session. Their name, or empty when they
 * cannot be kept. settings_kept: ERR_NOT_FOUND.
 */
extern const char settings_undo_purpose[];
struct str settings_keep(
    struct request *req, const char *purpose, struct str plain);
enum err_code settings_kept(struct request *req, const char *purpose,
    struct str name, struct str *out, struct err *err) WARN_UNUSED;
/* Brings it back. ERR_NOT_FOUND with words: it is gone. */
enum err_code settings_undo(
    struct request *req, struct str name, struct err *err) WARN_UNUSED;

#endif
