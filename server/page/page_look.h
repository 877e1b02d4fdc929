#ifndef PAGE_PAGE_LOOK_H
#define PAGE_PAGE_LOOK_H
/* How pages look to the one who is logged in: colours, density, panes. */
#include "page/page.h"

/* In the store: words such as "dark compact", in any order. */
extern const char page_look_pref[];

/* Sets `look`: the classes of <html>. Without a session, or when the store
 * does not tell, as if nobody chose. */
void page_look_view(struct request *req, struct view *view);
/* Is `word` ("dark") among what was chosen? */
bool page_look_is(struct request *req, const char *word);
/* Are these words, one space between them, all known? */
bool page_look_is_known(struct str words);
/* For the settings: what can be chosen, and what is. */
void page_look_view_choices(struct request *req, struct view *view);
/* What the form of the settings says, as it is stored. In the arena. */
struct str page_look_read(struct request *req);
/* Saves those of list_width, folders_width and pane_height that the form has;
 * ERR_INPUT: there is no such size. */
enum err_code page_look_save_width(
    struct request *req, struct err *err) WARN_UNUSED;

#endif
