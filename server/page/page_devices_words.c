#include "page/page_devices.h"

/* A sign and what it means; the first that is there counts. */
struct device_sign {
	const char *sign, *name;
};

/*
 * Most browsers say that they are several others, too: those that are named by
 * all the others come last.
 */
static const struct device_sign browsers[] = {
    {"Edg/", "Edge"},
    {"EdgA/", "Edge"},
    {"EdgiOS/", "Edge"},
    {"OPR/", "Opera"},
    {"OPiOS/", "Opera"},
    {"Vivaldi/", "Vivaldi"},
    {"SamsungBrowser/", "Samsung Internet"},
    {"YaBrowser/", "Yandex Browser"},
    {"DuckDuckGo/", "DuckDuckGo"},
    {"SeaMonkey/", "SeaMonkey"},
    {"PaleMoon/", "Pale Moon"},
    {"Konqueror/", "Konqueror"},
    {"Falkon/", "Falkon"},
    {"Epiphany/", "GNOME Web"},
    {"FxiOS/", "Firefox"},
    {"Focus/", "Firefox"},
    {"Firefox/", "Firefox"},
    {"CriOS/", "Chrome"},
    {"HeadlessChrome/", "Chrome"},
    {"Chromium/", "Chromium"},
    {"Chrome/", "Chrome"},
    {"MSIE ", "Internet Explorer"},
    {"Trident/", "Internet Explorer"},
    {"Version/", "Safari"},
    {"w3m/", "w3m"},
    {"Lynx/", "Lynx"},
    {"ELinks/", "ELinks"},
    {"ELinks ", "ELinks"},
    {"Links (", "Links"},
    {"Dillo/", "Dillo"},
    {"NetSurf/", "NetSurf"},
    {"curl/", "curl"},
    {"Wget/", "Wget"},
};

static const struct device_sign systems[] = {
    {"iPhone", "iPhone"},
    {"iPad", "iPad"},
    {"Android", "Android"},
    {"CrOS", "ChromeOS"},
    {"Windows", "Windows"},
    {"Macintosh", "macOS"},
    {"FreeBSD", "FreeBSD"},
    {"OpenBSD", "OpenBSD"},
    {"NetBSD", "NetBSD"},
    {"Linux", "Linux"},
    {"linux", "Linux"},
};

static const char *
device_find(struct str agent, const struct device_sign *signs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_find(agent, str_c(signs[i].sign), 0) < agent.len)
			return signs[i].name;
	return NULL;
}

struct device_words
device_words_of(struct str agent)
{
	return (struct device_words){
	    .browser = device_find(
	        agent, browsers, sizeof(browsers) / sizeof(browsers[0])),
	    .system = device_find(
	        agent, systems, sizeof(systems) / sizeof(systems[0]))};
}
