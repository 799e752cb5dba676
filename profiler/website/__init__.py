"""The website: series and their traces → a folder of html that needs no server.

``content.series_content`` gathers what every language's pages show, ``files.site_files`` makes
every file of them, and ``folder.write_site`` writes these. The templates read tables, pictures
and sections as they are specified.
"""
