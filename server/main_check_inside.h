#ifndef MAIN_CHECK_INSIDE_H
#define MAIN_CHECK_INSIDE_H
/* Between the files of main_check_*. */
#include "mail/mail.h"
#include "main_check.h"
#include "main_files.h"
#include "main_share.h"

struct check {
	struct main_door door;
	const struct config *cfg;
	struct main_share share;
	struct arena *arena;
	struct main_files files;
	struct mail_server **mails; /* of the default site, hosts, domains */
	unsigned wrong_count;
	bool is_user; /* we are who the server will be */
};

/* One line of the answer; `what` is a word or two. */
void main_check_ok(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void main_check_wrong(struct check *check, const char *what, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
void main_check_err(
    struct check *check, const char *what, const struct err *err);
/* Worth a word, and not wrong. */
void main_check_note(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Below a line: what to do about it. */
void main_check_mend(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* main_check_port.c: can they be listened on? */
void main_check_ports(struct check *check);
/* main_check_limits.c: are those of the system enough for this? */
void main_check_limits(const struct check *check);
/* main_check_tls.c: false: FIPS=1 cannot be had, nothing else makes sense. */
bool main_check_fips(struct check *check);
/*
 * main_check_tls.c: certificates of all sites, keys, client trust, our
 * certificates for mail servers, revocation lists, and how long they last.
 */
void main_check_tls(struct check *check);

/* main_check_site.c: while we are root, the mail files of all sites. */
void main_check_read_mails(struct check *check);
/* Templates and mail servers of a site; `server` (may be NULL) ends here. */
void main_check_site(struct check *check, const struct config_site *site,
    struct mail_server *server);

#endif
