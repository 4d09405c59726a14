"""The documented Python client; address and token come from the environment."""

import os

import requests

class AICustomerServiceClient:
    def __init__(self, base_url, token):
        self.base_url = base_url
        self.headers = {'Authorization': f'Bearer {token}'}
    
    def send_message(self, message, conversation_id=None):
        data = {'message': message}
        if conversation_id:
            data['conversation_id'] = conversation_id
        
        response = requests.post(
            f'{self.base_url}/api/v1/chat/chat',
            json=data,
            headers=self.headers
        )
        return response.json()
    
    def create_log(self, title, description, log_type='inquiry'):
        data = {
            'title': title,
            'description': description,
            'log_type': log_type
        }
        response = requests.post(
            f'{self.base_url}/api/v1/logs/logs',
            json=data,
            headers=self.headers
        )
        return response.json()

# Usage
client = AICustomerServiceClient(os.environ['HUB_URL'], os.environ['HUB_TOKEN'])
response = client.send_message('How do I reset my password?')
print(response['response'])
