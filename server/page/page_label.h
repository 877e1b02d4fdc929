#ifndef PAGE_PAGE_LABEL_H
#define PAGE_PAGE_LABEL_H
/*
 * Labels: keywords of messages with a name and a colour, kept for each person
 * (preference "labels"). Nobody chose: Thunderbird's five. This room only.
 */
#include "mail/mail_search.h"
#include "page/page.h"

#define PAGE_LABELS        50u /* of one person */
#define PAGE_LABEL_COLOURS 8u
#define PAGE_LABEL_BYTES   ((size_t)60) /* of a name */
#define PAGE_LABELS_BYTES  ((size_t)8 << 10)

extern const char page_pref_labels[];

struct page_label {
	struct mail_label label;
	unsigned colour; /* 0 to PAGE_LABEL_COLOURS - 1 */
};
struct page_label_list {
	struct page_label list[PAGE_LABELS];
	size_t count;
};
/* Never NULL but without memory; in the arena. */
struct page_label_list *page_labels(struct request *req);
/* NULL: none has this keyword, in whatever case. */
const struct page_label *page_label_find(
    const struct page_label_list *labels, struct str keyword);
/* "colour TAB keyword TAB name LF" for each; what is wrong is left out. */
void page_label_unpack(
    struct str stored, struct arena *arena, struct page_label_list *out);
void page_label_pack(const struct page_label_list *labels, struct buf *out);
/*
 * One more, with a keyword of its own. ERR_INPUT: no name, too long, one of
 * that name, too many.
 */
enum err_code page_label_add(struct page_label_list *labels, struct str name,
    unsigned colour, struct arena *arena, struct err *err) WARN_UNUSED;
/* What is wrong with a name for it (NULL: for a new one); ERR_OK: nothing. */
enum err_code page_label_check(const struct page_label_list *labels,
    const struct page_label *self, struct str name, struct arena *arena,
    struct err *err) WARN_UNUSED;

/* The names, for searches. */
const struct mail_label *page_label_names(
    struct request *req, size_t *out_count);
/* "red", and the class of its chips. */
const char *page_label_colour(unsigned colour);
const char *page_label_class(unsigned colour);
/* A chip for each keyword, as "labels". */
void page_label_view(
    struct request *req, struct str keywords, struct view *view);
/* What can be set and removed, as "label_choices". */
void page_label_view_choices(struct request *req, struct view *view);

#endif
