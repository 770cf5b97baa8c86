-- The channels of some dimensions.
SELECT dim, channel FROM dimension WHERE dim = ANY ($1::int[]) ORDER BY dim
