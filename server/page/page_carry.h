#ifndef PAGE_PAGE_CARRY_H
#define PAGE_PAGE_CARRY_H
/*
 * A letter whose session had ended, on its way through the login page or to
 * the other mode: sealed for the account that wrote it. Whoever has the page
 * cannot read it there, and nobody else who logs in on it is shown it.
 */
#include "page/page.h"

/* The field of the login page that holds it. */
#define PAGE_CARRY_LETTER "carry.letter"

/*
 * All fields of the posted form but those that belong to the login page, and
 * no files. *out: letters for a field. ERR_LIMIT: too long; ERR_INTERNAL.
 */
enum err_code page_carry_seal(struct request *req, const struct form *form,
    struct str account, struct str *out, struct err *err) WARN_UNUSED;

struct page_carry {
	struct str account; /* who wrote it */
	int64_t sealed_s;
	const struct form *form; /* its fields, as "carry.…"; in the arena */
};
/* ERR_FORBIDDEN: it is none of ours, or was changed. */
enum err_code page_carry_open(struct request *req, struct str sealed,
    struct page_carry *out, struct err *err) WARN_UNUSED;

#endif
