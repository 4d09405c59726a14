"""The documented Python client; the address comes from the environment."""

import os

import requests

# Login
login_response = requests.post(f'{os.environ["HUB_URL"]}/api/auth/login', json={
    'username': 'admin',
    'password': 'password'
})

token = login_response.json()['access_token']

# Get chat rooms
headers = {'Authorization': f'Bearer {token}'}
rooms_response = requests.get(f'{os.environ["HUB_URL"]}/api/chat/rooms', headers=headers)
