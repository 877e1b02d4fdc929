#ifndef MAIN_TLS_H
#define MAIN_TLS_H
/*
 * Contexts of both doors from the files the ini names. Messages begin with
 * the ini's FILE:LINE and the key.
 */
#include "mail/mail.h"
#include "main_files.h"
#include "net/net_tls.h"

/* The browser door, all its sites; NULL in *out when EnableSSL=0. */
enum err_code main_tls_load(struct main_files *files, struct net_tls **out,
    struct err *err) WARN_UNUSED;
/* An app_mail_fn: reads what the site names; ctx is a struct main_files. */
enum err_code main_tls_mail(void *ctx, const struct config *cfg,
    const struct config_site *site, struct mail_server **out,
    struct err *err) WARN_UNUSED;
/* TrustPageCA in DER, in the arena of the files; empty: no such page. */
enum err_code main_tls_trust_page(
    struct main_files *files, struct str *out, struct err *err) WARN_UNUSED;

/* What one side may negotiate, as the keys with a prefix say it. */
struct main_tls_policy {
	const struct config_site *site;
	const char *prefix; /* "", "Imap", "Smtp" */
	struct net_tls_policy policy;
};
/* Judges it (net_tls_policy_check) and names the key that is wrong. */
enum err_code main_tls_policy_check(const struct config *cfg,
    const struct main_tls_policy *policy, struct err *err) WARN_UNUSED;
struct net_tls_policy main_tls_policy_of(const struct config *cfg);

#endif
