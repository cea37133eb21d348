"""The constants of the merge, each with its reason."""

from typing import Final

VERSION: Final = 3  # of the rules below; a figure of another version is computed again

MINUTE_MS: Final = 60_000
#: A pause between two amounts of one source that is no gap: phones close a record of steps when one stands still, and
#: HealthKit's records of walking lie minutes apart. Google Fit's own "bouts" close the same five minutes.
CLOSED_GAP_MS: Final = 5 * MINUTE_MS
#: A worn device that reads the heart is worn around each reading. Watches measure every five to ten minutes at rest,
#: so two readings up to a quarter of an hour apart hold together; a still wrist that counts no step is no gap.
WEAR_GAP_MS: Final = 15 * MINUTE_MS
#: How long before the first and after the last of such readings it was worn: half the time between two of them.
WEAR_EDGE_MS: Final = 5 * MINUTE_MS // 2
#: How long a reading of an instant speaks for the time around it, in all. Above a resting watch's pace (Apple and
#: Garmin read every five to ten minutes), below the half hour in which somebody sits down or gets up.
READING_CAP_MS: Final = 10 * MINUTE_MS
#: An amount without a duration was still counted over some time; steps come by the minute where they come finest.
INSTANT_MS: Final = MINUTE_MS
#: A vendor's total of the day replaces stretches above it that cover less than this share of the time it was worn,
#: if it is more than all that was seen stretch by stretch.
TOTAL_REPLACES_BELOW: Final = 0.5
#: Minutes of measured time that make a whole day: ten hours of wear, the usual bound for a valid day in accelerometry
#: (Troiano et al., Med Sci Sports Exerc 40:181-188, 2008).
WHOLE_DAY_MINUTES: Final = 600
