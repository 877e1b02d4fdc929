#ifndef PAGE_PAGES_H
#define PAGE_PAGES_H
/*
 * Every page: one file each, always in this order: read, ask, show. All run
 * on a worker. On anything but ERR_OK the caller shows page_error().
 */
#include "base/err.h"
#include "http/request.h"
#include "http/response.h"
#include "session/session.h"

typedef enum err_code page_fn(
    struct request *req, struct response *res, struct err *err);

page_fn page_home;            /* GET / : the inbox, or the login page */
page_fn page_login;           /* GET /login */
page_fn page_login_post;      /* POST /login (no session; CSRF) */
page_fn page_logoff_post;     /* POST /logoff */
page_fn page_logged_off;      /* GET /loggedoff (no session) */
page_fn page_language_post;   /* POST /language (no session; CSRF) */
page_fn page_list;            /* GET /list?folder=&page=&sort=&q= or day= */
page_fn page_list_post;       /* POST /list : how lists are shown */
page_fn page_search;          /* GET /search?in=&of=&q= : many folders */
page_fn page_search_post;     /* POST /search : look, keep, remove */
page_fn page_search_stop;     /* POST /search/stop : what is under way */
page_fn page_search_help;     /* GET /search/help */
page_fn page_keys;            /* GET /keys */
page_fn page_push;            /* GET /push?folder= : events, as they come */
page_fn page_folders;         /* GET /folders?under=&q=&page= : all */
page_fn page_folder;          /* GET /folder?folder= : one of them */
page_fn page_labels_get;      /* GET /labels */
page_fn page_labels_post;     /* POST /labels : make, save, delete, undo */
page_fn page_folder_post;     /* POST /folder : make, rename, empty … */
page_fn page_act_post;        /* POST /act : mark, move, delete */
page_fn page_intake;          /* GET /import?folder=&id= : messages */
page_fn page_intake_post;     /* POST /import : take in, or back */
page_fn page_message;         /* GET /message?folder=&uid=&v= */
page_fn page_body;            /* GET /body : the framed HTML of a message */
page_fn page_print;           /* GET /print : header and text, to be printed */
page_fn page_image;           /* GET /image?t= : signed, no session cookie */
page_fn page_part;            /* GET /part?folder=&uid=&v=&part=&inner= */
page_fn page_view_file;       /* GET /view?folder=&uid=&v=&part=&inner= */
page_fn page_thumb;           /* GET /thumb, likewise */
page_fn page_zip;             /* GET /zip?folder=&uid=&v=&section= */
page_fn page_source;          /* GET /source?folder=&uid=&v=&part= */
page_fn page_compose;         /* GET /compose */
page_fn page_compose_file;    /* GET /compose/file?id=&file= : of one's own */
page_fn page_compose_post;    /* POST /compose (large body) */
page_fn page_sent;            /* GET /sent?id= */
page_fn page_sent_post;       /* POST /sent : copy to Sent again */
page_fn page_outbox;          /* GET /outbox : what is on its way */
page_fn page_outbox_post;     /* POST /outbox */
page_fn page_outbox_message;  /* GET /outbox/message?id= : as a file */
page_fn page_headers;         /* GET /headers?folder=&uid=&v= */
page_fn page_resend;          /* GET /redirect?folder=&uid=&v= : send on */
page_fn page_resend_post;     /* POST /redirect */
page_fn page_receipt_post;    /* POST /receipt : send it, or decline */
page_fn page_unsubscribe;     /* POST /unsubscribe : says what happens */
page_fn page_contacts;        /* GET /contacts */
page_fn page_contacts_post;   /* POST /contacts : add, remove */
page_fn page_complete;        /* GET /complete?q= : JSON, people to write to */
page_fn page_contact;         /* GET /contact?id= : one person, or a new one */
page_fn page_contact_post;    /* POST /contact : save, remove */
page_fn page_contact_photo;   /* GET /contact/photo?id= */
page_fn page_merge;           /* GET /contacts/merge : duplicates */
page_fn page_merge_post;      /* POST /contacts/merge : shows it, does it */
page_fn page_import;          /* GET /contacts/import?id= */
page_fn page_import_post;     /* POST /contacts/import : a file, or do it */
page_fn page_export;          /* GET /contacts/export : what, and how */
page_fn page_export_file;     /* GET /contacts/file?what=&form=&id= */
page_fn page_choose;          /* GET /contacts/choose?id= : recipients */
page_fn page_choose_post;     /* POST /contacts/choose */
page_fn page_help;            /* GET /help */
page_fn page_devices;         /* GET /devices : where one is logged in */
page_fn page_devices_post;    /* POST /devices : log off there */
page_fn page_senders;         /* GET /senders : whose images are shown */
page_fn page_senders_post;    /* POST /senders : add, remove */
page_fn page_identities;      /* GET /identities?id= : whom one writes as */
page_fn page_identities_post; /* POST /identities : save, remove, default */
page_fn page_responses;       /* GET /responses?id= : texts for use again */
page_fn page_responses_post;  /* POST /responses : save, remove */
page_fn page_settings;        /* GET /settings */
page_fn page_settings_file;   /* GET /settings/file?id= : out, in */
page_fn page_settings_file_post; /* POST /settings/file : look, import */
page_fn page_settings_export;    /* GET /settings/export : the file */
page_fn page_settings_post;      /* POST /settings */
page_fn page_connection;         /* GET /connection : what protects each leg */
page_fn page_trust;              /* GET /trust (TrustPage=1; no session) */
page_fn page_trust_file;         /* GET /trust/ca.cer, likewise */
page_fn page_switch;      /* GET /secure, /SSL2.CGI in any case (no session) */
page_fn page_switch_post; /* POST /secure (session not required; CSRF) */
page_fn page_ticket;      /* GET /secure/ticket?t= (no session) */

/* Fills the answer for an error; never fails itself. */
void page_error(struct request *req, struct response *res, enum err_code rc,
    const struct err *err);
/*
 * A page needs a session and there is none: GET goes to the login page and
 * comes back; a POST shows the login page carrying what was posted. `found`
 * says why (never was one, ended, moved to the other mode).
 */
void page_login_required(
    struct request *req, struct response *res, enum session_found found);

#endif
