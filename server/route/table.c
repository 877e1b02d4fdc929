#include "route/acme.h"
#include "route/health.h"
#include "route/route.h"

#define READ   GUARD_SESSION
#define CHANGE (GUARD_SESSION | GUARD_CSRF)
#define PLAIN  0u
#define MAIL   (ROUTE_GZIP | ROUTE_MAIL)
#define OPEN   (ROUTE_GZIP | ROUTE_NO_SESSION | ROUTE_BOTH_DOORS)
#define LARGE  (ROUTE_GZIP | ROUTE_MAIL | ROUTE_LARGE_BODY)

/*
 * The login page is never compressed, nor is "/", which may be it: what an
 * attacker can make grow beside a secret must not be (BREACH).
 */
/* clang-format off */
const struct route route_table[] = {
    {METHOD_GET,  "/", GUARD_NONE, ROUTE_MAIL, page_home, "home"},
    {METHOD_GET,  "/login", GUARD_NONE, PLAIN, page_login, "login"},
    {METHOD_POST, "/login", GUARD_CSRF, ROUTE_MAIL, page_login_post, "login_post"},
    {METHOD_POST, "/logoff", CHANGE, PLAIN, page_logoff_post, "logoff"},
    {METHOD_GET,  "/loggedoff", GUARD_NONE, PLAIN, page_logged_off, "logged_off"},
    {METHOD_POST, "/language", GUARD_CSRF, PLAIN, page_language_post, "language"},
    {METHOD_GET,  "/list", READ, MAIL | ROUTE_AGAIN, page_list, "list"},
    {METHOD_POST, "/list", CHANGE, PLAIN, page_list_post, "list_post"},
    {METHOD_GET,  "/search", READ, MAIL, page_search, "search"},
    {METHOD_POST, "/search", CHANGE, ROUTE_GZIP, page_search_post, "search_post"},
    {METHOD_POST, "/search/stop", CHANGE, PLAIN, page_search_stop, "search_stop"},
    {METHOD_GET,  "/search/help", READ, ROUTE_GZIP, page_search_help, "search_help"},
    {METHOD_GET,  "/keys", READ, ROUTE_GZIP, page_keys, "keys"},
    {METHOD_GET,  "/push", READ, ROUTE_QUIET, page_push, "push"},
    {METHOD_GET,  "/folders", READ, MAIL, page_folders, "folders"},
    {METHOD_GET,  "/folder", READ, MAIL, page_folder, "folder"},
    {METHOD_POST, "/folder", CHANGE, MAIL, page_folder_post, "folder_post"},
    {METHOD_GET,  "/labels", READ, MAIL, page_labels_get, "labels"},
    {METHOD_POST, "/labels", CHANGE, MAIL, page_labels_post, "labels_post"},
    {METHOD_POST, "/act", CHANGE, MAIL, page_act_post, "act"},
    {METHOD_GET,  "/import", READ, MAIL, page_intake, "mail_import"},
    {METHOD_POST, "/import", CHANGE, LARGE | ROUTE_IMPORT_BODY, page_intake_post, "mail_import_post"},
    {METHOD_GET,  "/message", READ, MAIL | ROUTE_AGAIN, page_message, "message"},
    {METHOD_GET,  "/body", READ, MAIL, page_body, "body"},
    {METHOD_GET,  "/print", READ, MAIL, page_print, "print"},
    {METHOD_GET,  "/image", GUARD_NONE, ROUTE_MAIL | ROUTE_NO_SESSION, page_image, "image"},
    {METHOD_GET,  "/part", READ, ROUTE_MAIL, page_part, "part"},
    {METHOD_GET,  "/view", READ, MAIL, page_view_file, "view"},
    {METHOD_GET,  "/thumb", READ, ROUTE_MAIL, page_thumb, "thumb"},
    {METHOD_GET,  "/zip", READ, ROUTE_MAIL, page_zip, "zip"},
    {METHOD_GET,  "/source", READ, MAIL, page_source, "source"},
    {METHOD_GET,  "/compose", READ, MAIL, page_compose, "compose"},
    {METHOD_GET,  "/compose/file", READ, PLAIN, page_compose_file, "compose_file"},
    {METHOD_POST, "/compose", CHANGE, LARGE, page_compose_post, "compose_post"},
    {METHOD_GET,  "/sent", READ, MAIL, page_sent, "sent"},
    {METHOD_POST, "/sent", CHANGE, MAIL, page_sent_post, "sent_post"},
    {METHOD_GET,  "/outbox", READ, ROUTE_GZIP, page_outbox, "outbox"},
    {METHOD_POST, "/outbox", CHANGE, MAIL, page_outbox_post, "outbox_post"},
    {METHOD_GET,  "/outbox/message", READ, PLAIN, page_outbox_message, "outbox_message"},
    {METHOD_GET,  "/headers", READ, MAIL, page_headers, "headers"},
    {METHOD_GET,  "/redirect", READ, MAIL, page_resend, "redirect"},
    {METHOD_POST, "/redirect", CHANGE, MAIL, page_resend_post, "redirect_post"},
    {METHOD_POST, "/receipt", CHANGE, MAIL, page_receipt_post, "receipt"},
    {METHOD_POST, "/unsubscribe", CHANGE, MAIL, page_unsubscribe, "unsubscribe"},
    {METHOD_GET,  "/contacts", READ, ROUTE_GZIP, page_contacts, "contacts"},
    {METHOD_POST, "/contacts", CHANGE, MAIL, page_contacts_post, "contacts_post"},
    {METHOD_GET,  "/contact", READ, ROUTE_GZIP, page_contact, "contact"},
    {METHOD_POST, "/contact", CHANGE, LARGE, page_contact_post, "contact_post"},
    {METHOD_GET,  "/contact/photo", READ, PLAIN, page_contact_photo, "contact_photo"},
    {METHOD_GET,  "/contacts/merge", READ, ROUTE_GZIP, page_merge, "merge"},
    {METHOD_POST, "/contacts/merge", CHANGE, ROUTE_GZIP, page_merge_post, "merge_post"},
    {METHOD_GET,  "/contacts/import", READ, ROUTE_GZIP, page_import, "import"},
    {METHOD_POST, "/contacts/import", CHANGE, LARGE, page_import_post, "import_post"},
    {METHOD_GET,  "/contacts/export", READ, ROUTE_GZIP, page_export, "export"},
    {METHOD_GET,  "/contacts/file", READ, PLAIN, page_export_file, "export_file"},
    {METHOD_GET,  "/contacts/choose", READ, ROUTE_GZIP, page_choose, "choose"},
    {METHOD_POST, "/contacts/choose", CHANGE, ROUTE_GZIP, page_choose_post, "choose_post"},
    {METHOD_GET,  "/complete", READ, PLAIN, page_complete, "complete"},
    {METHOD_GET,  "/senders", READ, ROUTE_GZIP, page_senders, "senders"},
    {METHOD_POST, "/senders", CHANGE, MAIL, page_senders_post, "senders_post"},
    {METHOD_GET,  "/help", GUARD_NONE, ROUTE_GZIP, page_help, "help"},
    {METHOD_GET,  "/devices", READ, ROUTE_GZIP, page_devices, "devices"},
    {METHOD_POST, "/devices", CHANGE, ROUTE_GZIP, page_devices_post, "devices_post"},
    {METHOD_GET,  "/identities", READ, ROUTE_GZIP, page_identities, "identities"},
    {METHOD_POST, "/identities", CHANGE, MAIL, page_identities_post, "identities_post"},
    {METHOD_GET,  "/responses", READ, ROUTE_GZIP, page_responses, "responses"},
    {METHOD_POST, "/responses", CHANGE, ROUTE_GZIP, page_responses_post, "responses_post"},
    {METHOD_GET,  "/settings", READ, ROUTE_GZIP, page_settings, "settings"},
    {METHOD_POST, "/settings", CHANGE, ROUTE_GZIP, page_settings_post, "settings_post"},
    {METHOD_GET,  "/settings/file", READ, ROUTE_GZIP, page_settings_file, "settings_file"},
    {METHOD_POST, "/settings/file", CHANGE, LARGE, page_settings_file_post, "settings_file_post"},
    {METHOD_GET,  "/settings/export", READ, PLAIN, page_settings_export, "settings_export"},
    {METHOD_GET,  "/connection", GUARD_NONE, ROUTE_GZIP, page_connection, "connection"},
    {METHOD_GET,  "/trust", GUARD_NONE, OPEN, page_trust, "trust"},
    {METHOD_GET,  "/trust/ca.cer", GUARD_NONE, OPEN, page_trust_file, "trust_file"},
    {METHOD_GET,  "/secure", GUARD_NONE, ROUTE_GZIP, page_switch, "switch"},
    {METHOD_POST, "/secure", GUARD_CSRF, PLAIN, page_switch_post, "switch_post"},
    {METHOD_GET,  "/secure/ticket", GUARD_NONE, PLAIN, page_ticket, "ticket"},
    {METHOD_GET,  "/SSL2.CGI", GUARD_NONE, ROUTE_GZIP | ROUTE_ANY_CASE, page_switch, "switch_old"},
    {METHOD_POST, "/SSL2.CGI", GUARD_CSRF, ROUTE_ANY_CASE, page_switch_post, "switch_old_post"},
    {METHOD_GET,  "/healthz", GUARD_NONE, HEALTH_FLAGS, health_page, "health"},
    {METHOD_GET,  ACME_PATH, GUARD_NONE, ACME_FLAGS, acme_page, "acme"},
    {METHOD_GET,  "/metrics", GUARD_LOOPBACK, HEALTH_FLAGS, health_metrics, "metrics"},
};
/* clang-format on */

const size_t route_count = sizeof(route_table) / sizeof(route_table[0]);
