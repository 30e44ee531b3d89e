"""Event logs for process-mining tools: XES (IEEE 1849) and OCEL 2.0, and a plain table; findings as an Excel workbook.

What is written of a case is told once, in :mod:`~shuroflow.audit.exports.log`; each of the other modules knows one
format. They are written while the sources are read, and hold no more in memory than one case.
"""
