-- Every campaign that costs name, as the files name it.
SELECT DISTINCT c.site, c.source, c.medium, c.name, c.campaign_id, c.campaign
FROM cost c
