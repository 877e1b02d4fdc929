#include "mail/mail.h"

struct mime_limits
mail_limits(const struct mail *mail)
{
	const struct config *cfg =
	    mail_server_config(account_server(mail->account));

	return (struct mime_limits){
	    .parse_bytes = (size_t)cfg->max_parsed_bytes,
	    .header_bytes = (size_t)cfg->max_message_header_bytes,
	    .depth = cfg->max_mime_depth,
	    .parts = cfg->max_mime_parts,
	    .text_bytes = (size_t)cfg->max_shown_text_bytes,
	    .html_bytes = (size_t)cfg->max_shown_html_bytes,
	    .time_ms = cfg->read_time_ms,
	};
}
