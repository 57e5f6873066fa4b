"""Every page in a browser."""


def test_a_page_opens(open_page):
    page = open_page("zh/book/information/entropy.html")
    assert page.title()
