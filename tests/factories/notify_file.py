"""A file for jobs.notifications_sync that is in order."""

FILE = """
simplify_dashboard_daily:
  description: Simplify dashboard, daily run
  profiles:
    - code: run_summary
      description: What every daily run did, to those who run it
      scope: run
      attach: none
      subject: "{{ result }}"
      body: "{{ result_text }}"
      recipients:
        - {address: Anna@chain.example, name: Anna}
        - {address: ben@chain.example, as: cc}
    - code: store_daily_reports
      description: The daily report of a store, to the people of that store
      scope: store
      attach: per_store_pdf
      subject: "{{ headline }}"
      body: "{{ report_text }}"
      recipients:
        - {address: shop@chain.example, store: a668}
"""
