#ifndef SSL_UTIL_CA_H
#define SSL_UTIL_CA_H
/*
 * A small private authority in a folder: ca.key, ca.pem, index.txt (one line
 * per certificate, as openssl-ca(1) has it), certs/SERIAL.pem, crl.pem and
 * crl.der, crlnumber, crlurl. Two at once are kept apart by a lock.
 */
#include "base/buf.h"
#include "options.h"

/* ERR_INPUT when there is one already, or a name or address cannot be. */
enum err_code ca_init(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;
/*
 * Signs --csr, or a new key for --name. ERR_INPUT: the request is damaged,
 * weak or without names, or a file exists. ERR_CONFIG: the authority's
 * password is missing or wrong. ERR_BUSY: another one is at work.
 */
enum err_code ca_issue(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;
/* Marks one and makes a new list. ERR_NOT_FOUND, ERR_INPUT: it is already. */
enum err_code ca_revoke(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;
/* The list of revoked certificates, valid for --days. */
enum err_code ca_crl(const struct options *options, struct buf *out,
    struct err *err) WARN_UNUSED;

#endif
