"""Redaction allow-list: words that the portal's texts may show wherever a name could stand. Data.

Names of people stay out, also those that are words, such as Rose or Grace.
"""

from __future__ import annotations

#: Of pages that log in, refuse, break or ask for a proof.
_PAGES = frozenset(
    """
    a about access account action after again all allowed already an and another any application
    are as at attempts back bad be because been before being below blocked broken browser busy
    but button by call came can cannot captcha card check checking choose clear click close
    closed cloudflare code come complete connect connection contact continue cookie cookies
    correct could create credentials current customer customers daily dashboard data database
    date day days dear delivery denied details did different disabled do does done down download
    each edit email empty enable enabled enter entered error errors every exceeded expired
    export fail failed failure feature few field fields file filter find first for forbidden
    forget forgot form found from gateway get go had has have help here home host hour hours how
    however human if improving in inactive incomplete incorrect input inside instead internal
    invalid is it its just keep know known last later launch leave left less limit link list
    loading locked log logged login logout long lost made mail maintenance make management
    manager many maybe menu message minute minutes missing mobile moment month months more most
    must name need needed network never new next no not notice now number of off ok old on once
    one online only open operation operations operator or order orders otp our out over page
    pages partner password past pay payment pending permission permissions phone pickup pickups
    please portal press previous problem profile proof prove provide quick ran rate read ready
    reason received record records redirect refresh refused register registered reload remember
    repair report reports request requests required reset resource result retry return review
    right robot row rows same save saved search second seconds section security see seem select
    send sent server service services session sessions set setting settings should show sign
    signed since site slow some something soon sorry source staff start started state status
    stay step still stop store stores submit success successful support sure system table take
    taken tell temporarily temporary than thank thanks that the their them then there these they
    things this those ticket tickets time timed times title to today together token too total
    tracker transaction try turn two unable unauthorized unavailable under unexpected unknown
    until up update updated upgrade us use used user username users using valid value verify
    version very view visit wait want was way we web week weekly welcome well went were what
    when where whether which while while who why with within without work working write wrong
    yes yesterday yet you your
    """.split()
)

#: Of headers of dashboards and exports, in the known spellings and in those that may come next.
_HEADERS = frozenset(
    """
    ach achieved achievement actual ago amount approval area average avg base branch bucket
    cancelled category city conv converted conversion count created cust del delivered due
    existing expected extra extrapolated final fresh ftd garments growth gross gst id
    instruction items lead leads lmtd location lmt mtd net non nonpackage overall package
    packages pct percent percentage phn pieces pkg placed point prev price qty quantity
    reference remarks repeat revenue sale sales service slot special target tat tax taxable tgt
    type undel undelivered value vs within year
    """.split()
)

VOCABULARY = _PAGES | _HEADERS
