#ifndef MAIN_TLS_H
#define MAIN_TLS_H
/* Certificate, key and its password, from the files the ini names. */
#include "main_door.h"
#include "mail/mail.h"
#include "net/net_tls.h"

/* NULL in *out when EnableSSL=0. Messages begin with the ini's FILE:LINE. */
enum err_code main_tls_load(const struct main_door *door,
    const struct config *cfg, struct net_tls **out,
    struct err *err) WARN_UNUSED;
/* An app_mail_fn: reads what the site names; ctx is a struct main_door. */
enum err_code main_tls_mail(void *ctx, const struct config *cfg,
    const struct config_site *site, struct mail_server **out,
    struct err *err) WARN_UNUSED;

#endif
