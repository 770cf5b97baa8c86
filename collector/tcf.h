/*
 * tcf.h - consent out of a TC string (IAB Transparency and Consent Framework,
 * version 2), as a consent platform makes it.
 */
#ifndef COLLECTOR_TCF_H
#define COLLECTOR_TCF_H

#include "collector/consent.h"

#define TCF_MAX 4096 /* bytes of a string; longer ones are not read */

/*
 * Sets the purposes of C from TC: ad_storage needs purpose 1, ad_user_data 1
 * and 7, ad_personalization 1, 3 and 4, analytics_storage 1 and 8; only
 * consent counts, not legitimate interest. False, and nothing set, when TC is
 * no such string.
 */
bool tcf_read(struct consent *c, struct str tc) MUST_CHECK;

#endif
