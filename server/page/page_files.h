#ifndef PAGE_PAGE_FILES_H
#define PAGE_PAGE_FILES_H
/* The files of a message, as its page lists and the archive holds them. */
#include "page/page_part.h"
#include "page/page_reading.h"

struct page_files {
	struct page_file *list;
	size_t count, capacity;
	size_t look_bytes; /* of bundles that may still be looked into */
};

/*
 * All files of the message, or of the attached message `section`: what is not
 * shown as text, and what is inside winmail.dat and uuencoded text. ERR_INPUT:
 * there is no such attached message.
 */
enum err_code page_files_list(struct request *req,
    const struct page_reading *reading, struct str section,
    struct page_files *out, struct err *err) WARN_UNUSED;
/* A row for {{> file}}: name, size, kind, addresses. */
void page_files_view_row(
    struct request *req, const struct page_file *file, struct view *row);

#endif
